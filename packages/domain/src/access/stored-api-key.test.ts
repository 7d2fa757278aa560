import { describe, expect, test } from "vitest";
import { compareApiKeys, normalizeApiKey, SCOPES, type ApiKeyRecord } from "../index.ts";
import { buildApiKey } from "../testing/fixtures.ts";

const EPOCH = "1970-01-01T00:00:00.000Z";

const INVALID_TIMES: [label: string, time: unknown][] = [
  ["no time", "never"],
  ["an empty text", ""],
  ["null", null],
  ["a boolean", false],
  ["a number", 4_102_444_800],
  ["a date without a time of day", "2099-01-31"],
  ["a time without milliseconds", "2099-01-31T00:00:00Z"],
  ["a day that does not exist", "2099-02-30T00:00:00.000Z"],
  ["a time in another zone of the same length", "2099-01-31T00:00:00+01"],
  ["a time with a space instead of the T", "2099-01-31 00:00:00.000Z"],
  ["lower case", "2099-01-31t00:00:00.000z"],
  ["a year after 9999", "+010000-01-01T00:00:00.000Z"],
  ["an array with a time", ["2099-01-31T00:00:00.000Z"]],
];

describe("normalizeApiKey", () => {
  test.for<[label: string, members: Partial<ApiKeyRecord>]>([
    ["with only the required members", {}],
    ["with all scopes", { scopes: SCOPES }],
    ["with an expiry", { expires_at: "2099-01-31T00:00:00.000Z" }],
    ["with an expiry in the past", { expires_at: "2020-02-29T00:00:00.000Z" }],
    ["that was used", { last_used_at: "2026-06-15T10:00:00.000Z" }],
    ["that is revoked", { revoked_at: "2026-06-15T10:20:30.405Z" }],
  ])("returns a valid key %s unchanged", ([, members]) => {
    const key = buildApiKey(members);
    expect(normalizeApiKey(key)).toStrictEqual(key);
    expect(normalizeApiKey({ ...key, note: "by hand" } as ApiKeyRecord)).toStrictEqual(key);
  });

  test.for<[label: string, scopes: unknown, expected: ApiKeyRecord["scopes"]]>([
    ["unknown scopes and other values", ["users:read", "users:admin", 7, null], ["users:read"]],
    ["a scope twice and out of order", ["users:write", "users:read", "users:write"], ["users:read", "users:write"]],
    ["scopes in other letters", ["Users:Read", "users:list "], []],
    ["a wildcard", ["*"], []],
    ["no scope", [], []],
    ["a text", "users:read", []],
    ["an object", { includes: true }, []],
    ["null", null, []],
    ["nothing", undefined, []],
  ])("grants only the known scopes of %s", ([, scopes, expected]) => {
    expect(normalizeApiKey({ ...buildApiKey(), scopes }).scopes).toEqual(expected);
  });

  test.for(INVALID_TIMES)("replaces %s by a time in the past", ([, time]) => {
    const key = buildApiKey();
    expect(normalizeApiKey({ ...key, expires_at: time })).toEqual({ ...key, expires_at: EPOCH });
    expect(normalizeApiKey({ ...key, last_used_at: time })).toEqual({ ...key, last_used_at: EPOCH });
    expect(normalizeApiKey({ ...key, revoked_at: time })).toEqual({ ...key, revoked_at: EPOCH });
  });

  test.for([...INVALID_TIMES, ["no creation time", undefined] as const])(
    "makes a key that was created at %s expired, also with an expiry in the future",
    ([, created_at]) => {
      const key = buildApiKey({ expires_at: "2099-01-31T00:00:00.000Z" });
      expect(normalizeApiKey({ ...key, created_at })).toEqual({ ...key, created_at: EPOCH, expires_at: EPOCH });
    },
  );

  test("returns empty texts for an id, a digest and a name that are no texts", () => {
    const key = buildApiKey();
    for (const value of [undefined, null, 7, ["x"], {}]) {
      const expected = { ...key, id: "", digest: "", name: "" };
      expect(normalizeApiKey({ ...key, id: value, digest: value, name: value })).toEqual(expected);
    }
  });

  test("returns an expired key without scopes if every member is missing", () => {
    const key = { id: "", digest: "", name: "", scopes: [], created_at: EPOCH, expires_at: EPOCH };
    expect(normalizeApiKey({})).toStrictEqual(key);
  });
});

test("compareApiKeys sorts keys by the time of creation, then by the id with upper case first", () => {
  const [early, late] = ["2026-01-02T03:04:05.677Z", "2026-01-02T03:04:05.678Z"];
  const sorted = [
    buildApiKey({ id: "z", created_at: early }),
    ...["0", "A", "B", "a", "b"].map((id) => buildApiKey({ id, created_at: late })),
  ];
  expect(sorted.toReversed().toSorted(compareApiKeys)).toEqual(sorted);
  expect(sorted.toSorted(compareApiKeys)).toEqual(sorted);
});
