import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalEmail, GENDERS, parseNewUser, parseUserChange, UserError } from "./index.ts";

const TODAY = "2026-06-15";

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(" ", "\n", "\u0301", "e", "\ud800"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  ),
});
const emailLike = fc.oneof(
  fc.emailAddress(),
  fc.tuple(anyText, anyText).map(([local, domain]) => `${local}@${domain}.com`),
);
const phoneLike = fc.string({ unit: fc.constantFrom(...Array.from("+0123456789 .()-")), maxLength: 24 });
const dayLike = fc.oneof(
  fc
    .date({ noInvalidDate: true, min: new Date("1890-01-01"), max: new Date("2030-01-01") })
    .map((date) => date.toISOString().slice(0, 10)),
  fc.string({ unit: fc.constantFrom(...Array.from("0123456789-")), maxLength: 12 }),
);

const valid = {
  lastname: "Doe",
  dob: "1990-01-01",
  address: "123 Main St, City, Country",
  gender: "Male",
  email: "john.doe@example.com",
  phone_number: "1234567890",
};

/** Bodies of which one field is doubtful, so that both answers occur. */
const userLike = fc
  .oneof(
    fc.record({ lastname: anyText }),
    fc.record({ firstname: fc.option(anyText) }),
    fc.record({ address: anyText }),
    fc.record({ dob: dayLike }),
    fc.record({ gender: fc.constantFrom(...GENDERS, "male", "") }),
    fc.record({ email: emailLike }),
    fc.record({ phone_number: phoneLike }),
  )
  .map((doubtful) => ({ ...valid, ...doubtful }));

const parsers = [parseNewUser, parseUserChange];

test("what is accepted is stable under a second parse", () => {
  let accepted = 0;
  fc.assert(
    fc.property(userLike, fc.constantFrom(...parsers), (input, parse) => {
      let parsed;
      try {
        parsed = parse(input, TODAY);
      } catch {
        return;
      }
      accepted += 1;
      expect(parse(parsed, TODAY)).toEqual(parsed);
    }),
    { numRuns: 3_000 },
  );
  expect(accepted).toBeGreaterThan(500);
});

test("JSON of any shape is accepted or refused by a UserError with an issue, and nothing else is thrown", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), userLike, fc.anything()), fc.constantFrom(...parsers), (input, parse) => {
      try {
        parse(input, TODAY);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        expect(error).toMatchObject({ code: "invalid-user", issues: expect.arrayContaining([expect.anything()]) });
      }
    }),
    { numRuns: 3_000 },
  );
});

test("a refusal names only fields that were sent or are required, each once", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), (input) => {
      try {
        parseUserChange(input, TODAY);
      } catch (error) {
        const pointers = (error as UserError).issues.map(({ pointer }) => pointer);
        expect(pointers).toHaveLength(Math.max(1, Object.keys(input).length));
      }
    }),
  );
});

test("the canonical form of an address is stable and blind to case", () => {
  fc.assert(
    fc.property(fc.emailAddress(), (email) => {
      const canonical = canonicalEmail(email);
      expect(canonicalEmail(canonical)).toBe(canonical);
      expect(canonicalEmail(email.toUpperCase())).toBe(canonical);
      expect(canonicalEmail(` ${email} `)).toBe(canonical);
    }),
  );
});
