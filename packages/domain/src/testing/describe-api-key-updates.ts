import { expect, test } from "vitest";
import type { ApiKeyRecord } from "../index.ts";
import { buildApiKey, createContext, type CreateApiKeyRepository } from "./fixtures.ts";
import { expectUserError } from "./settle.ts";

const EARLY = "2026-06-15T09:59:59.999Z";
const MIDDLE = "2026-06-15T10:00:00.000Z";
const LATE = "2026-06-15T10:00:00.001Z";

export function describeApiKeyUpdates(createRepository: CreateApiKeyRepository): void {
  const context = createContext();

  test("revoke sets the time of the revocation, returns the key as stored, and keeps it stored", async () => {
    const keys = await createRepository();
    const [key, other] = [buildApiKey({ created_at: EARLY }), buildApiKey({ created_at: LATE })];
    await keys.insert(key, context);
    await keys.insert(other, context);
    expect(await keys.revoke(key.id, MIDDLE, context)).toStrictEqual({ ...key, revoked_at: MIDDLE });
    expect(await keys.list(context)).toStrictEqual([{ ...key, revoked_at: MIDDLE }, other]);
  });

  test("revoke keeps the time of the first revocation", async () => {
    const keys = await createRepository();
    const key = buildApiKey({ expires_at: MIDDLE, last_used_at: EARLY });
    await keys.insert(key, context);
    await keys.revoke(key.id, MIDDLE, context);
    for (const time of [MIDDLE, LATE, EARLY]) {
      expect(await keys.revoke(key.id, time, context)).toEqual({ ...key, revoked_at: MIDDLE });
    }
    expect(await keys.list(context)).toEqual([{ ...key, revoked_at: MIDDLE }]);
  });

  test("limitExpiry sets the expiry of a key that never expires", async () => {
    const keys = await createRepository();
    const [key, other] = [buildApiKey({ created_at: EARLY }), buildApiKey({ created_at: LATE })];
    await keys.insert(key, context);
    await keys.insert(other, context);
    expect(await keys.limitExpiry(key.id, MIDDLE, context)).toStrictEqual({ ...key, expires_at: MIDDLE });
    expect(await keys.list(context)).toStrictEqual([{ ...key, expires_at: MIDDLE }, other]);
  });

  test.for([
    ["an earlier time", EARLY, EARLY],
    ["the same time", MIDDLE, MIDDLE],
    ["a later time", LATE, MIDDLE],
    ["a time in a later year", "2027-01-01T00:00:00.000Z", MIDDLE],
  ] as const)("limitExpiry with %s results in the earlier expiry", async ([, time, expires_at]) => {
    const keys = await createRepository();
    const key = buildApiKey({ expires_at: MIDDLE });
    await keys.insert(key, context);
    expect(await keys.limitExpiry(key.id, time, context)).toStrictEqual({ ...key, expires_at });
    expect(await keys.list(context)).toStrictEqual([{ ...key, expires_at }]);
  });

  test("limitExpiry keeps the other members, also of a revoked key", async () => {
    const keys = await createRepository();
    const key = buildApiKey({ last_used_at: EARLY, revoked_at: MIDDLE });
    await keys.insert(key, context);
    expect(await keys.limitExpiry(key.id, LATE, context)).toEqual({ ...key, expires_at: LATE });
    expect(await keys.limitExpiry(key.id, EARLY, context)).toEqual({ ...key, expires_at: EARLY });
    expect(await keys.list(context)).toEqual([{ ...key, expires_at: EARLY }]);
  });

  test("recordUse sets the first use and later ones, and ignores earlier ones", async () => {
    const keys = await createRepository();
    const [key, other] = [buildApiKey({ created_at: EARLY }), buildApiKey({ created_at: LATE })];
    await keys.insert(key, context);
    await keys.insert(other, context);
    for (const [time, last_used_at] of [
      [MIDDLE, MIDDLE],
      [EARLY, MIDDLE],
      [MIDDLE, MIDDLE],
      [LATE, LATE],
      ["2025-12-31T23:00:00.000Z", LATE],
    ] as const) {
      expect(await keys.recordUse(key.id, time, context)).toBeUndefined();
      expect(await keys.list(context)).toStrictEqual([{ ...key, last_used_at }, other]);
    }
  });

  test("recordUse keeps the other members, also of an expired or revoked key", async () => {
    const keys = await createRepository();
    const key = buildApiKey({ expires_at: EARLY, revoked_at: EARLY });
    await keys.insert(key, context);
    await keys.recordUse(key.id, MIDDLE, context);
    expect(await keys.list(context)).toEqual([{ ...key, last_used_at: MIDDLE }]);
  });

  test("delete deletes the key, and no other one", async () => {
    const keys = await createRepository();
    const [key, other] = [buildApiKey(), buildApiKey()];
    await keys.insert(key, context);
    await keys.insert(other, context);
    for (let count = 0; count < 2; count += 1) {
      expect(await keys.delete(key.id, context)).toBeUndefined();
      expect(await keys.list(context)).toEqual([other]);
    }
  });

  test("a deleted key is not found, and no write recreates it except an insert", async () => {
    const keys = await createRepository();
    const key = buildApiKey();
    await keys.insert(key, context);
    await keys.delete(key.id, context);
    await expectUserError(keys.revoke(key.id, MIDDLE, context), "not-found");
    await expectUserError(keys.limitExpiry(key.id, MIDDLE, context), "not-found");
    await keys.recordUse(key.id, MIDDLE, context);
    expect(await keys.list(context)).toEqual([]);
    await keys.insert(key, context);
    expect(await keys.list(context)).toEqual([key] satisfies ApiKeyRecord[]);
  });
}
