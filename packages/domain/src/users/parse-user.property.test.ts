import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalizeEmail, EXAMPLE_FIELDS, parseNewUser, parseUserUpdate, UserError } from "../index.ts";
import { GENDERS } from "./value-schemas.ts";

const TODAY = "2026-06-15";

const arbitraryText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(" ", "\n", "\u0301", "e", "\ud800", "\u200d", "\u3164"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  ),
});
const emailLike = fc.oneof(
  fc.emailAddress(),
  fc.tuple(arbitraryText, arbitraryText).map(([local, domain]) => `${local}@${domain}.com`),
);
const phoneNumberLike = fc.string({ unit: fc.constantFrom(...Array.from("+0123456789 .()-")), maxLength: 24 });
const dateLike = fc.oneof(
  fc
    .date({ noInvalidDate: true, min: new Date("1890-01-01"), max: new Date("2030-01-01") })
    .map((date) => date.toISOString().slice(0, 10)),
  fc.string({ unit: fc.constantFrom(...Array.from("0123456789-")), maxLength: 12 }),
);

/** Inputs in which one field may be invalid, so that some inputs are accepted and some are rejected. */
const userLike = fc
  .oneof(
    fc.record({ lastname: arbitraryText }),
    fc.record({ firstname: fc.option(arbitraryText) }),
    fc.record({ address: arbitraryText }),
    fc.record({ dob: dateLike }),
    fc.record({ gender: fc.constantFrom(...GENDERS, "male", "") }),
    fc.record({ email: emailLike }),
    fc.record({ phone_number: phoneNumberLike }),
  )
  .map((field) => ({ ...EXAMPLE_FIELDS, ...field }));

const parsers = [parseNewUser, parseUserUpdate];

test("parsing accepted fields again returns them unchanged", () => {
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

test("any value is either accepted or rejected with an `invalid-user` error that has an issue", () => {
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

test("an update of unknown fields has exactly one issue per field", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), (input) => {
      try {
        parseUserUpdate(input, TODAY);
      } catch (error) {
        const pointers = (error as UserError).issues.map(({ pointer }) => pointer);
        expect(pointers).toHaveLength(Math.max(1, Object.keys(input).length));
      }
    }),
  );
});

test("the canonical form of an email is stable and does not depend on case or surrounding space", () => {
  fc.assert(
    fc.property(fc.emailAddress(), (email) => {
      const canonical = canonicalizeEmail(email);
      expect(canonicalizeEmail(canonical)).toBe(canonical);
      expect(canonicalizeEmail(email.toUpperCase())).toBe(canonical);
      expect(canonicalizeEmail(` ${email} `)).toBe(canonical);
    }),
  );
});
