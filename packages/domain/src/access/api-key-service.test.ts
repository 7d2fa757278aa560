import { describe, expect, test } from "vitest";
import {
  createApiKeyService,
  MAX_API_KEYS,
  SCOPES,
  type ApiKeyRecord,
  type ApiKeyService,
  type RequestContext,
} from "../index.ts";
import { buildApiKey, createAbortedContext, createContext } from "../testing/fixtures.ts";
import { createInMemoryApiKeyRepository } from "../testing/index.ts";
import { expectUserError, generate } from "../testing/settle.ts";
import { isApiKey, toApiKeyId } from "./api-key.ts";
import { computeTestDigest } from "./testing/create-test-list.ts";

const NOW = "2026-06-15T10:00:00.000Z";
const PAST = "2026-06-15T09:00:00.000Z";
const NEW_KEY = { name: "billing", scopes: ["users:read"] } as const;

const context = createContext();

/** Creates a service on a new repository, which contains these keys. */
async function createTestService(...stored: readonly ApiKeyRecord[]) {
  const keys = createInMemoryApiKeyRepository();
  for (const key of stored) await keys.insert(key, context);
  let count = 0;
  const service = createApiKeyService({
    keys,
    now: () => new Date(NOW),
    digest: computeTestDigest,
    randomBytes: (length) => new Uint8Array(length).fill((count += 1)),
  });
  return { service, list: () => keys.list(context) };
}

const createActiveKeys = (count: number) => generate(count, () => buildApiKey());

describe("create", () => {
  test("returns a new key and its record, and stores only the record", async () => {
    const { service, list } = await createTestService();
    const { key, record } = await service.create({ ...NEW_KEY, expires_at: "2026-07-01T00:00:00.000Z" }, context);
    const digest = computeTestDigest(key);
    expect(key).toSatisfy(isApiKey);
    expect(record).toStrictEqual({
      id: toApiKeyId(digest),
      digest,
      ...NEW_KEY,
      created_at: NOW,
      expires_at: "2026-07-01T00:00:00.000Z",
    });
    expect(await list()).toStrictEqual([record]);
    expect(JSON.stringify(await list())).not.toContain(key);
  });

  test("creates a key without expiry, and several keys with one name", async () => {
    const { service, list } = await createTestService();
    const created = [
      await service.create({ ...NEW_KEY, scopes: SCOPES }, context),
      await service.create({ ...NEW_KEY, expires_at: undefined }, context),
    ];
    expect(new Set(created.map(({ key }) => key)).size).toBe(2);
    for (const { record } of created) expect(record).not.toHaveProperty("expires_at");
    expect(await list()).toHaveLength(2);
  });
});

describe("the maximum number of keys", () => {
  const expired = buildApiKey({ created_at: "2026-01-03T00:00:00.000Z", expires_at: PAST });
  const revoked = buildApiKey({ created_at: "2026-01-04T00:00:00.000Z", revoked_at: PAST });

  test("is reached without deleting a key", async () => {
    const { service, list } = await createTestService(expired, revoked, ...createActiveKeys(MAX_API_KEYS - 3));
    await service.create(NEW_KEY, context);
    expect(await list()).toHaveLength(MAX_API_KEYS);
  });

  test.for([
    ["expired key if it was created first", [revoked, expired], expired],
    ["revoked key if no key is expired", [buildApiKey(), revoked], revoked],
  ] as const)("is kept by deleting the %s", async ([, keys, deleted]) => {
    const { service, list } = await createTestService(...keys, ...createActiveKeys(MAX_API_KEYS - 2));
    const { record } = await service.create(NEW_KEY, context);
    const listed = await list();
    expect(listed).toHaveLength(MAX_API_KEYS);
    expect(listed).toContainEqual(record);
    expect(listed).not.toContainEqual(deleted);
  });

  test("makes create and rotate throw `unavailable` if all keys are active", async () => {
    const replaced = buildApiKey();
    const stored = [replaced, ...createActiveKeys(MAX_API_KEYS - 1)];
    const { service, list } = await createTestService(...stored);
    const attempts = [() => service.create(NEW_KEY, context), () => service.rotate(replaced.id, 1_000, context)];
    for (const attempt of attempts) {
      expect((await expectUserError(attempt(), "unavailable")).message).toContain("1000 active API keys");
    }
    expect((await list()).map(({ id }) => id).toSorted()).toEqual(stored.map(({ id }) => id).toSorted());
  });

  test("never deletes the key that a rotation replaces", async () => {
    const { service, list } = await createTestService(expired, revoked, ...createActiveKeys(MAX_API_KEYS - 2));
    await service.rotate(expired.id, 1_000, context);
    const listed = await list();
    expect(listed).toContainEqual(expired);
    expect(listed).not.toContainEqual(revoked);
  });
});

describe("rotate", () => {
  const created_at = "2026-06-01T00:00:00.000Z";

  test.for<[label: string, old: Partial<ApiKeyRecord>, oldExpiry: string, newExpiry: string | undefined]>([
    ["that never expires", {}, "2026-06-15T11:00:00.000Z", undefined],
    [
      "with a lifetime of 30 days",
      { expires_at: "2026-07-01T00:00:00.000Z" },
      "2026-06-15T11:00:00.000Z",
      "2026-07-15T10:00:00.000Z",
    ],
    [
      "that expires before the end of the overlap",
      { expires_at: "2026-06-15T10:30:00.000Z" },
      "2026-06-15T10:30:00.000Z",
      "2026-06-29T20:30:00.000Z",
    ],
    ["that is expired", { expires_at: PAST }, PAST, "2026-06-29T19:00:00.000Z"],
    [
      "with a lifetime that would end after the year 9999",
      { expires_at: "9999-01-01T00:00:00.000Z" },
      "2026-06-15T11:00:00.000Z",
      "9999-01-15T10:00:00.000Z",
    ],
    [
      "with a lifetime that ends in the last month of the year 9999",
      { expires_at: "9999-12-31T00:00:00.000Z" },
      "2026-06-15T11:00:00.000Z",
      "9999-12-31T23:59:59.999Z",
    ],
  ])("replaces a key %s by one with the same name, scopes and lifetime", async ([, old, oldExpiry, newExpiry]) => {
    const stored = buildApiKey({ created_at, last_used_at: PAST, ...old });
    const { service, list } = await createTestService(stored);
    const { key, record, previous } = await service.rotate(stored.id, 3_600_000, context);
    const digest = computeTestDigest(key);
    const { name, scopes } = stored;
    expect(record).toStrictEqual({
      id: toApiKeyId(digest),
      digest,
      name,
      scopes,
      created_at: NOW,
      ...(newExpiry !== undefined && { expires_at: newExpiry }),
    });
    expect(previous).toStrictEqual({ ...stored, expires_at: oldExpiry });
    expect(await list()).toStrictEqual([previous, record]);
  });

  test("throws `not-found` for an unknown key and for a revoked one, and creates none", async () => {
    const revoked = buildApiKey({ revoked_at: PAST });
    const { service, list } = await createTestService(revoked);
    const unknown = await expectUserError(service.rotate("unknown", 1_000, context), "not-found");
    expect(unknown.message).toBe("No API key has this id.");
    const error = await expectUserError(service.rotate(revoked.id, 1_000, context), "not-found");
    expect(error.message).toBe("The API key is revoked.");
    expect(await list()).toEqual([revoked]);
  });
});

describe("revoke", () => {
  test("sets the current time, keeps the key stored, and throws `not-found` for an unknown key", async () => {
    const stored = buildApiKey();
    const { service, list } = await createTestService(stored);
    expect(await service.revoke(stored.id, context)).toEqual({ ...stored, revoked_at: NOW });
    await expectUserError(service.revoke("unknown", context), "not-found");
    expect(await list()).toEqual([{ ...stored, revoked_at: NOW }]);
  });
});

test("every use case throws `unavailable` and writes nothing if the signal of its context has aborted", async () => {
  const stored = buildApiKey();
  const { service, list } = await createTestService(stored);
  const useCases: { [Name in keyof ApiKeyService]: (aborted: RequestContext) => Promise<unknown> } = {
    create: (aborted) => service.create(NEW_KEY, aborted),
    list: (aborted) => service.list(aborted),
    rotate: (aborted) => service.rotate(stored.id, 1_000, aborted),
    revoke: (aborted) => service.revoke(stored.id, aborted),
  };
  for (const useCase of Object.values(useCases)) await expectUserError(useCase(createAbortedContext()), "unavailable");
  expect(await list()).toEqual([stored]);
});
