import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { apiKeyNameSchema, apiKeyScopesSchema, getApiKeyState, SCOPES } from "../index.ts";
import { buildApiKey } from "../testing/fixtures.ts";
import { generate } from "../testing/settle.ts";
import { generateApiKey, isApiKey, toApiKeyId } from "./api-key.ts";
import { createKeyText } from "./testing/create-test-list.ts";

/** The form of keys that secret scanners search for. */
const API_KEY = /\bumk_[0-9A-Za-z]{49}\b/;

/**
 * Random bytes and their keys. The last 6 characters are the CRC-32 of the first 47, computed with zlib: 0xf9ccfdaa,
 * 0x5243f55a and 0xd4c6e52a.
 */
const KEYS: [label: string, bytes: Uint8Array, key: string][] = [
  ["zeros", new Uint8Array(32), "umk_00000000000000000000000000000000000000000004ZcqQE"],
  ["ones", new Uint8Array(32).fill(255), "umk_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp11VP7HO"],
  ["0 to 31", Uint8Array.from({ length: 32 }, (_, n) => n), "umk_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3taXFK"],
];

describe("generateApiKey", () => {
  test.for(KEYS)("encodes 256 bits and their CRC-32 in base62: %s", ([, bytes, key]) => {
    const counts: number[] = [];
    expect(generateApiKey((count) => (counts.push(count), bytes))).toBe(key);
    expect(counts).toEqual([32]);
    expect(API_KEY.exec(`token: "${key}"`)?.[0]).toBe(key);
    expect(isApiKey(key)).toBe(true);
  });
});

describe("isApiKey", () => {
  const key = "umk_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3taXFK";

  test("rejects a key in which any character is replaced, missing or repeated", () => {
    for (let index = 0; index < key.length; index += 1) {
      const [start, character, end] = [key.slice(0, index), key.charAt(index), key.slice(index + 1)];
      for (const other of ["0", "A", "z"]) {
        if (other !== character) expect(isApiKey(start + other + end), `${other} at ${index}`).toBe(false);
      }
      expect(isApiKey(start + end), `${index}`).toBe(false);
      expect(isApiKey(start + character + character + end), `${index}`).toBe(false);
    }
  });

  test("rejects a key in which two adjacent characters are exchanged", () => {
    for (let index = 0; index < key.length - 1; index += 1) {
      const [first, second] = [key.charAt(index), key.charAt(index + 1)];
      const exchanged = key.slice(0, index) + second + first + key.slice(index + 2);
      if (first !== second) expect(isApiKey(exchanged), `${index}`).toBe(false);
    }
  });

  test.for([
    ["an empty text", ""],
    ["the prefix", "umk_"],
    ["another prefix", key.replace("umk_", "usr_")],
    ["upper case", key.toUpperCase()],
    ["a space before it", ` ${key}`],
    ["a line feed after it", `${key}\n`],
    ["two keys", key + key],
    ["a hyphen in the secret", key.replace("TJC", "T-C")],
    ["a letter that is not ASCII", key.replace("TJC", "TÉC")],
  ] as const)("rejects %s", ([, text]) => {
    expect(isApiKey(text)).toBe(false);
  });

  test("accepts every generated key", () => {
    expect(generate(1_000, createKeyText).filter((text) => !isApiKey(text))).toEqual([]);
  });
});

describe("toApiKeyId", () => {
  test.for([
    ["the SHA-256 of abc", "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0", "iDUK5mbjE0q8"],
    ["the SHA-256 of the empty text", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "rzWtdMwJelxE"],
    ["zeros", "A".repeat(43), "000000000000"],
  ] as const)("returns the first 12 base62 characters of %s", ([, digest, id]) => {
    expect(toApiKeyId(digest)).toBe(id);
  });
});

describe("getApiKeyState", () => {
  const TIME = "2026-06-15T10:20:30.405Z";
  const [BEFORE, AFTER] = ["2026-06-15T10:20:30.404Z", "2026-06-15T10:20:30.406Z"];

  test.for([
    ["without an expiry", {}, "active"],
    ["before its expiry", { expires_at: AFTER }, "active"],
    ["at its expiry", { expires_at: TIME }, "expired"],
    ["after its expiry", { expires_at: BEFORE }, "expired"],
    ["after its revocation", { revoked_at: BEFORE }, "revoked"],
    ["after its expiry and its revocation", { expires_at: BEFORE, revoked_at: BEFORE }, "revoked"],
  ] as const)("a key %s", ([, members, state]) => {
    expect(getApiKeyState(buildApiKey(members), TIME)).toBe(state);
  });
});

describe("apiKeyNameSchema", () => {
  test.for([
    ["one character", "b", "b"],
    ["100 characters", "b".repeat(100), "b".repeat(100)],
    ["spaces around it, which are removed", "  billing jobs ", "billing jobs"],
    ["100 characters and spaces around them", ` ${"b".repeat(100)} `, "b".repeat(100)],
    ["letters that are not ASCII", "Abrechnung für Zoë あ", "Abrechnung für Zoë あ"],
  ] as const)("accepts a name of %s", ([, name, expected]) => {
    expect(v.parse(apiKeyNameSchema, name)).toBe(expected);
  });

  test.for<[label: string, name: unknown, message: string]>([
    ["no text", 7, "must be a string"],
    ["an empty text", "", "must not be empty"],
    ["only spaces", " \t\n", "must not be empty"],
    ["101 characters", "b".repeat(101), "must have at most 100 characters"],
    ["a line feed", "billing\njobs", "must not contain control characters"],
    ["an escape sequence", "\u001b[31mbilling", "must not contain control characters"],
    ["a lone surrogate", "billing \ud800", "must not contain control characters"],
    ["a change of direction", "billing \u202e", "must not contain control characters"],
  ])("rejects %s", ([, name, message]) => {
    expect(v.safeParse(apiKeyNameSchema, name).issues).toMatchObject([{ message }]);
  });
});

describe("apiKeyScopesSchema", () => {
  test("returns each scope once, in the order of the scopes", () => {
    for (const scope of SCOPES) expect(v.parse(apiKeyScopesSchema, [scope, scope])).toEqual([scope]);
    expect(v.parse(apiKeyScopesSchema, [...SCOPES, ...SCOPES].toReversed())).toEqual(SCOPES);
  });

  test.for<[label: string, scopes: unknown]>([
    ["no scope", []],
    ["a wildcard", ["*"]],
    ["an unknown scope", ["users:read", "users:admin"]],
    ["a scope in upper case", ["USERS:READ"]],
    ["an empty scope", [""]],
    ["a text", "users:read"],
    ["nothing", undefined],
  ])("rejects %s", ([, scopes]) => {
    expect(v.is(apiKeyScopesSchema, scopes)).toBe(false);
  });
});
