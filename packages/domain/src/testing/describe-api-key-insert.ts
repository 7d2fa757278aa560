import { expect, test } from "vitest";
import { SCOPES, type ApiKeyRecord } from "../index.ts";
import { buildApiKey, createContext, type CreateApiKeyRepository } from "./fixtures.ts";
import { generate } from "./settle.ts";

const OPTIONAL_MEMBERS: Partial<ApiKeyRecord> = {
  expires_at: "2027-01-02T03:04:05.678Z",
  last_used_at: "2026-06-15T10:00:00.000Z",
  revoked_at: "2026-06-15T10:20:30.405Z",
};

const NAMES = {
  "one character": "b",
  "100 characters": "b".repeat(100),
  "100 characters of three bytes each": "あ".repeat(100),
  emoji: "billing 🧾 🇨🇭",
  quotes: `"billing" 'nightly' \`job\``,
  "an SQL injection": "'); DROP TABLE api_keys; --",
  "JSON and a backslash": '{"name":"\\u0000"}\\',
  "a combining character": "Abrechnung für Zoe\u0308",
};

export function describeApiKeyInsert(createRepository: CreateApiKeyRepository): void {
  const context = createContext();

  test("returns no keys if none is stored", async () => {
    const keys = await createRepository();
    expect(await keys.list(context)).toEqual([]);
  });

  test("returns a key as inserted, without the optional members that it does not have", async () => {
    const keys = await createRepository();
    const key = buildApiKey();
    expect(await keys.insert(key, context)).toBeUndefined();
    expect(await keys.list(context)).toStrictEqual([key]);
  });

  test.for(Object.keys(OPTIONAL_MEMBERS) as (keyof ApiKeyRecord)[])("returns the optional %s", async (name) => {
    const keys = await createRepository();
    const key = buildApiKey({ [name]: OPTIONAL_MEMBERS[name] });
    await keys.insert(key, context);
    expect(await keys.list(context)).toStrictEqual([key]);
  });

  test("returns all optional members together", async () => {
    const keys = await createRepository();
    const key = buildApiKey(OPTIONAL_MEMBERS);
    await keys.insert(key, context);
    expect(await keys.list(context)).toStrictEqual([key]);
  });

  test("returns the scopes in their order, each alone and all of them", async () => {
    const keys = await createRepository();
    const stored = [...SCOPES.map((scope) => buildApiKey({ scopes: [scope] })), buildApiKey({ scopes: SCOPES })];
    for (const key of stored) await keys.insert(key, context);
    expect(await keys.list(context)).toEqual(sortKeys(stored));
  });

  test.for(Object.entries(NAMES))("returns a name with %s unchanged", async ([, name]) => {
    const keys = await createRepository();
    await keys.insert(buildApiKey({ name }), context);
    expect((await keys.list(context)).map((key) => key.name)).toEqual([name]);
  });

  test("stores several keys with one name", async () => {
    const keys = await createRepository();
    const stored = generate(3, () => buildApiKey({ name: "billing" }));
    for (const key of stored) await keys.insert(key, context);
    expect(await keys.list(context)).toEqual(sortKeys(stored));
  });

  test("returns the keys in the order of creation, then of the ids, independently of the order of inserts", async () => {
    const keys = await createRepository();
    const stored = generate(24, (n) =>
      buildApiKey({ created_at: `2026-01-0${1 + (n % 3)}T00:00:00.00${(n * 5) % 2}Z` }),
    );
    const cased = ["a0", "B0", "b0", "A0"].map((id) => buildApiKey({ id, created_at: "2026-01-04T00:00:00.000Z" }));
    for (const key of [...stored, ...cased]) await keys.insert(key, context);
    const listed = await keys.list(context);
    expect(listed).toEqual(sortKeys([...stored, ...cased]));
    expect(listed.slice(-4).map((key) => key.id)).toEqual(["A0", "B0", "a0", "b0"]);
    expect(await keys.list(context)).toEqual(listed);
  });

  test("changes nothing if the key is stored already", async () => {
    const keys = await createRepository();
    const key = buildApiKey(OPTIONAL_MEMBERS);
    for (let count = 0; count < 3; count += 1) expect(await keys.insert(key, context)).toBeUndefined();
    await keys.insert({ ...key, name: "another name", scopes: ["users:delete"] }, context);
    expect(await keys.list(context)).toEqual([key]);
  });

  test("keeps the later state of a key if its insert is repeated", async () => {
    const keys = await createRepository();
    const key = buildApiKey();
    await keys.insert(key, context);
    await keys.recordUse(key.id, OPTIONAL_MEMBERS.last_used_at!, context);
    await keys.limitExpiry(key.id, OPTIONAL_MEMBERS.expires_at!, context);
    await keys.revoke(key.id, OPTIONAL_MEMBERS.revoked_at!, context);
    await keys.insert(key, context);
    expect(await keys.list(context)).toEqual([{ ...key, ...OPTIONAL_MEMBERS }]);
  });

  test("stores and returns copies: changes of them do not reach the store", async () => {
    const keys = await createRepository();
    const key = buildApiKey();
    const inserted = { ...key, scopes: [...key.scopes] };
    await keys.insert(inserted, context);
    const expected = { ...key, expires_at: "2027-01-01T00:00:00.000Z", revoked_at: "2026-02-01T00:00:00.000Z" };
    const returned = [
      inserted,
      ...(await keys.list(context)),
      await keys.limitExpiry(key.id, expected.expires_at, context),
      await keys.revoke(key.id, expected.revoked_at, context),
      ...(await keys.list(context)),
    ];
    for (const copy of returned) {
      Object.assign(copy.scopes, ["users:delete"]);
      Object.assign(copy, { name: "changed", last_used_at: "2026-06-15T10:00:00.000Z" });
      expect(await keys.list(context)).toEqual([expected]);
    }
  });

  test("returns all of 1,000 keys with names of the maximum length", { timeout: 120_000 }, async () => {
    const keys = await createRepository();
    const stored = generate(1_000, (n) =>
      buildApiKey({ ...OPTIONAL_MEMBERS, name: String(n).padEnd(100, "あ"), scopes: SCOPES }),
    );
    for (let start = 0; start < stored.length; start += 50) {
      await Promise.all(stored.slice(start, start + 50).map((key) => keys.insert(key, createContext())));
    }
    expect(await keys.list(context)).toEqual(sortKeys(stored));
  });
}

function sortKeys(keys: readonly ApiKeyRecord[]): ApiKeyRecord[] {
  return keys.toSorted((left, right) => {
    if (left.created_at !== right.created_at) return left.created_at < right.created_at ? -1 : 1;
    return left.id < right.id ? -1 : 1;
  });
}
