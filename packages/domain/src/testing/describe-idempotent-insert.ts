import { expect, test } from "vitest";
import { IDEMPOTENCY_KEY_TTL_S, type IdempotencyRecord } from "../index.ts";
import { buildUser, createContext, type CreateRepository } from "./fixtures.ts";
import { expectUserError, generate, settleAll } from "./settle.ts";

/** 2026-01-02T12:00:00Z, in seconds since the Unix epoch. */
const NOON_S = 1_767_355_200;

export function describeIdempotentInsert(createRepository: CreateRepository): void {
  const context = createContext();

  test("returns the id of the first user to a repeated request, and stores nothing", async () => {
    const users = await createRepository();
    const first = buildUser({ email: "once@example.com" });
    const repeated = buildUser({ email: "once@example.com" });
    expect(await users.insert(first, createRecord("key"), context)).toBe(first.user_id);
    expect(await users.insert(repeated, createRecord("key"), context)).toBe(first.user_id);
    expect(await users.get(repeated.user_id, context)).toBeUndefined();
    expect((await users.list({ limit: 10 }, context)).users).toEqual([first]);
  });

  test("throws `idempotency-key-reused` for another fingerprint, and stores nothing", async () => {
    const users = await createRepository();
    const first = buildUser();
    const other = buildUser();
    await users.insert(first, createRecord("key"), context);
    await expectUserError(users.insert(other, createRecord("key", "other content"), context), "idempotency-key-reused");
    expect((await users.list({ limit: 10 }, context)).users).toEqual([first]);
    expect(await users.findBy("email", other.email, context)).toBeUndefined();
  });

  test("treats requests with different keys, or without a key, as different requests", async () => {
    const users = await createRepository();
    await users.insert(buildUser(), createRecord("key"), context);
    await users.insert(buildUser(), createRecord("Key"), context);
    await users.insert(buildUser(), undefined, context);
    expect((await users.list({ limit: 10 }, context)).users).toHaveLength(3);
  });

  test("returns one id to all of several concurrent identical requests", async () => {
    const users = await createRepository();
    const ids = await Promise.all(
      generate(20, () => users.insert(buildUser({ email: "once@example.com" }), createRecord("key"), createContext())),
    );
    expect(new Set(ids).size).toBe(1);
    expect((await users.list({ limit: 100 }, context)).users.map((user) => user.user_id)).toEqual([ids[0]]);
  });

  test("succeeds for exactly one of several concurrent requests with one key and different fingerprints", async () => {
    const users = await createRepository();
    const { results, codes } = await settleAll(
      generate(10, (n) => users.insert(buildUser(), createRecord("key", `content ${n}`), createContext())),
    );
    expect(results).toHaveLength(1);
    expect(codes).toEqual(generate(9, () => "idempotency-key-reused"));
    expect((await users.list({ limit: 100 }, context)).users).toHaveLength(1);
  });

  test("succeeds for exactly one of several concurrent requests with one email and different keys", async () => {
    const users = await createRepository();
    const { results, codes } = await settleAll(
      generate(10, (n) =>
        users.insert(buildUser({ email: "same@example.com" }), createRecord(`key ${n}`), createContext()),
      ),
    );
    expect(results).toHaveLength(1);
    expect(codes).toEqual(generate(9, () => "email-taken"));
  });

  test("ignores a record from the second in which it expires", async () => {
    const users = await createRepository();
    const [first, second, third] = [buildUser(), buildUser(), buildUser()];
    await users.insert(first, createRecordAt(NOON_S), context);
    const expiry = NOON_S + IDEMPOTENCY_KEY_TTL_S;
    expect(await users.insert(buildUser(), createRecordAt(expiry - 1), context)).toBe(first.user_id);
    expect(await users.insert(second, createRecordAt(expiry), context)).toBe(second.user_id);
    expect(await users.insert(third, createRecordAt(expiry + 1), context)).toBe(second.user_id);
  });

  test("stores no record if the insert fails", async () => {
    const users = await createRepository();
    const holder = buildUser();
    const user = buildUser({ email: holder.email });
    await users.insert(holder, undefined, context);
    await expectUserError(users.insert(user, createRecord("key"), context), "email-taken");
    await users.delete(holder.user_id, {}, context);
    expect(await users.insert(user, createRecord("key", "other content"), context)).toBe(user.user_id);
  });

  test("neither recreates a deleted user nor reverts an update when a request is repeated", async () => {
    const users = await createRepository();
    const [deleted, updated] = [buildUser(), buildUser()];
    await users.insert(deleted, createRecord("deleted"), context);
    await users.insert(updated, createRecord("updated"), context);
    await users.delete(deleted.user_id, {}, context);
    const { updated_at } = updated;
    const current = await users.update(updated.user_id, { email: "new@example.com" }, { updated_at }, context);
    const repeat = ({ email }: { email: string }, key: string) =>
      users.insert(buildUser({ email }), createRecord(key), context);
    expect(await repeat(deleted, "deleted")).toBe(deleted.user_id);
    expect(await repeat(updated, "updated")).toBe(updated.user_id);
    expect((await users.list({ limit: 10 }, context)).users).toEqual([current]);
  });
}

function createRecord(key: string, fingerprint = "content"): IdempotencyRecord {
  return { ...createRecordAt(NOON_S), key, fingerprint };
}

function createRecordAt(created_at: number): IdempotencyRecord {
  return { key: "key", fingerprint: "content", created_at, expires_at: created_at + IDEMPOTENCY_KEY_TTL_S };
}
