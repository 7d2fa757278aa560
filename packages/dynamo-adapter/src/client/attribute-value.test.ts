import { marshall, NumberValueImpl as NumberValue, unmarshall } from "@aws-sdk/util-dynamodb";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeItem, decodeValue, encodeItem, encodeValue, DecimalText, type Item } from "./attribute-value.ts";

const ordinaryName = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => name !== "__proto__" && name !== "constructor"),
  fc.constantFrom("toString", "hasOwnProperty", "S", "N", "length"),
);
const anyName = fc.oneof(ordinaryName, fc.constantFrom("__proto__", "constructor"));
const arbitraryScalar = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.integer(),
  fc.maxSafeInteger(),
  // The SDK rejects a larger number, because it may not be exact.
  fc.double({ noNaN: true, noDefaultInfinity: true, max: 1e15, min: -1e15 }),
  fc.bigInt({ max: 10n ** 38n - 1n, min: 1n - 10n ** 38n }),
  fc.boolean(),
  fc.constant(null),
);

/** Creates objects that the repositories may store. A member may be `undefined`. */
function createMembers(arbitraryName: fc.Arbitrary<string>): fc.Arbitrary<Record<string, unknown>> {
  return fc.letrec<{ members: Record<string, unknown>; value: unknown }>((tie) => ({
    members: fc
      .array(fc.tuple(arbitraryName, fc.oneof({ maxDepth: 4 }, fc.constant(undefined), tie("value"))), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
    value: fc.oneof({ maxDepth: 4 }, arbitraryScalar, tie("members"), fc.array(tie("value"), { maxLength: 4 })),
  })).members;
}

describe("encodeItem", () => {
  test("equals `marshall` of the AWS SDK for all that the repositories store", () => {
    const property = fc.property(createMembers(ordinaryName), (members) => {
      expect(encodeItem(members)).toEqual(marshall(members, { removeUndefinedValues: true }));
    });
    fc.assert(property, { numRuns: 500 });
  });

  test("is reversed by `decodeItem` for members with any name", () => {
    const property = fc.property(createMembers(anyName), (members) => {
      expect(normalizeNumbers(decodeItem(encodeItem(members)))).toEqual(normalizeNumbers(members));
    });
    fc.assert(property, { numRuns: 500 });
  });

  test("encodes a member with the name `__proto__` like any other", () => {
    const item = encodeItem(JSON.parse('{"__proto__":{"a":1},"constructor":"c"}') as Record<string, unknown>);
    expect(JSON.stringify(item)).toBe('{"__proto__":{"M":{"a":{"N":"1"}}},"constructor":{"S":"c"}}');
    expect(Object.getPrototypeOf(item)).toBe(Object.prototype);
  });

  test("writes a decimal text unchanged", () => {
    expect(encodeItem({ text: new DecimalText("1.50e2") })).toEqual({ text: { N: "1.50e2" } });
  });

  test.for([
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["negative infinity", Number.NEGATIVE_INFINITY],
    ["a function", () => undefined],
    ["a symbol", Symbol("text")],
    ["a date", new Date()],
    ["a map", new Map([["a", 1]])],
    ["a set", new Set(["a"])],
    ["bytes", new Uint8Array([1])],
    ["an instance of a class", new URL("http://localhost")],
    ["undefined in an array", [undefined]],
    ["a nested date", { at: [new Date()] }],
  ] as const)("rejects %s", ([, value]) => {
    expect(() => encodeItem({ value })).toThrow(TypeError);
    if (!Array.isArray(value)) expect(() => encodeValue([value])).toThrow(TypeError);
  });
});

/** Replaces numbers and decimal texts, of this package and of the SDK, by plain objects, and removes `undefined`. */
function normalizeNumbers(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "bigint") return { decimal: String(value) };
  if (value instanceof DecimalText || value instanceof NumberValue) return { decimal: value.toString() };
  if (value instanceof Set) return new Set([...value].map(normalizeNumbers));
  if (Array.isArray(value)) return value.map(normalizeNumbers);
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([name, member]) => [name, normalizeNumbers(member)]));
}

const arbitraryDigits = fc.tuple(fc.constantFrom("", "-"), fc.bigInt({ min: 1n, max: 10n ** 38n - 1n }));
const arbitraryNumber = fc
  .tuple(arbitraryDigits, fc.constantFrom("", "e-130", "e87", ".50"))
  .map(([[sign, digits], end]) => sign + digits + end);
const arbitraryBytes = fc.uint8Array({ maxLength: 20 });
const arbitraryAttribute = fc.oneof(
  fc.string({ unit: "grapheme" }).map((S) => ({ S })),
  arbitraryNumber.map((N) => ({ N })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true }),
  arbitraryBytes.map((B) => ({ B })),
  fc.uniqueArray(fc.string(), { minLength: 1 }).map((SS) => ({ SS })),
  fc.uniqueArray(arbitraryNumber, { minLength: 1 }).map((NS) => ({ NS })),
  fc.array(arbitraryBytes, { minLength: 1 }).map((BS) => ({ BS })),
);
const { item: arbitraryItem } = fc.letrec<{ item: Item; value: any }>((tie) => ({
  item: fc.array(fc.tuple(ordinaryName, tie("value")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  value: fc.oneof(
    { maxDepth: 4 },
    arbitraryAttribute,
    tie("item").map((M) => ({ M })),
    fc.array(tie("value"), { maxLength: 3 }).map((L) => ({ L })),
  ),
}));

/** Returns the item as it arrives in a response over HTTP: bytes are base64 text. */
function toReceivedItem(item: Item): Item {
  return JSON.parse(JSON.stringify(item, encodeBytes)) as Item;
}

function encodeBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}

describe("decodeItem", () => {
  test("equals `unmarshall` of the AWS SDK, for items of the SDK and for items as they are received", () => {
    const property = fc.property(arbitraryItem, (item) => {
      const expected = normalizeNumbers(unmarshall(item as any, { wrapNumbers: true }));
      expect(normalizeNumbers(decodeItem(item))).toEqual(expected);
      expect(normalizeNumbers(decodeItem(toReceivedItem(item)))).toEqual(expected);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test("keeps the 38 digits of a number", () => {
    const digits = "12345678901234567890123456789012345678";
    expect(String(decodeValue({ N: digits }))).toBe(digits);
    expect([...(decodeValue({ NS: [`-${digits}`] }) as Set<DecimalText>)].map(String)).toEqual([`-${digits}`]);
    expect(encodeValue(decodeValue({ N: `${digits}e-100` }))).toEqual({ N: `${digits}e-100` });
  });

  test("decodes a member with the name `__proto__` like any other", () => {
    const members = decodeItem(JSON.parse('{"__proto__":{"S":"text"},"constructor":{"N":"1"}}') as Item);
    expect(Object.keys(members)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(members)).toBe(Object.prototype);
  });
});
