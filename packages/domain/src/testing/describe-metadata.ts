import { expect, test } from "vitest";
import { MAX_METADATA_MEMBERS, type User, type UserRepository, type UserUpdate } from "../index.ts";
import { buildUser, createContext, type CreateRepository } from "./fixtures.ts";
import { expectUserError, generate, settleAll } from "./settle.ts";

const updated_at = "2026-02-03T04:05:06.789Z";

export function describeMetadata(createRepository: CreateRepository): void {
  const context = createContext();

  test("is stored unchanged, sorted by name", async () => {
    const users = await createRepository();
    const metadata = { "a.b-c_D": "", constructor: "ä 李 \u2028 \" ' \\ \u0000", team: "blue", zip: "12345" };
    const user = buildUser({ metadata });
    await users.insert(user, undefined, context);
    const stored = await users.get(user.user_id, context);
    expect(stored).toEqual(user);
    expect(Object.keys(stored!.metadata!)).toEqual(Object.keys(metadata).toSorted());
    expect((await users.list({ limit: 1 }, context)).users).toEqual([user]);
  });

  test("an update sets and removes members, and keeps all others", async () => {
    const users = await createRepository();
    const user = buildUser({ metadata: { a: "1", b: "2" } });
    await users.insert(user, undefined, context);
    const updated = await update(users, user.user_id, { b: null, c: "3", missing: null });
    expect(updated).toEqual({ ...user, metadata: { a: "1", c: "3" }, version: 2, updated_at });
    expect(await users.get(user.user_id, context)).toEqual(updated);
  });

  test("an update creates it, also together with other fields and with a required version", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const fields = { lastname: "Roe", email: "roe@example.com", metadata: { a: "1" } };
    expect(await users.update(user.user_id, fields, { updated_at, ifVersionIn: [1] }, context)).toEqual({
      ...user,
      ...fields,
      version: 2,
      updated_at,
    });
    const other = buildUser();
    await users.insert(other, undefined, context);
    expect((await update(users, other.user_id, { a: "1" }, [1])).metadata).toEqual({ a: "1" });
    await expectUserError(update(users, other.user_id, { b: "2" }, [1]), "stale-version");
    expect((await update(users, other.user_id, { b: "2" }, [2])).metadata).toEqual({ a: "1", b: "2" });
  });

  test("is absent once it has no member", async () => {
    const users = await createRepository();
    for (const patch of [null, { a: null }]) {
      const user = buildUser({ metadata: { a: "1" } });
      await users.insert(user, undefined, context);
      expect(Object.keys(await update(users, user.user_id, patch))).not.toContain("metadata");
      expect(Object.keys((await users.get(user.user_id, context))!)).not.toContain("metadata");
      // Removal from nothing, and of nothing, are updates, too.
      for (const absent of [null, { a: null }, {}]) await update(users, user.user_id, absent);
      expect(await users.get(user.user_id, context)).toMatchObject({ version: 5 });
      expect((await update(users, user.user_id, { b: "2" })).metadata).toEqual({ b: "2" });
    }
  });

  test("merges concurrent updates of different members", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const names = generate(MAX_METADATA_MEMBERS, (n) => `member.${n}`);
    await Promise.all(names.map((name) => update(users, user.user_id, { [name]: name })));
    expect(await users.get(user.user_id, context)).toMatchObject({
      metadata: Object.fromEntries(names.map((name) => [name, name])),
      version: 1 + names.length,
    });
  });

  test("keeps its limit: an update with too many members throws `invalid-user` and sets no field", async () => {
    const users = await createRepository();
    const full = Object.fromEntries(generate(MAX_METADATA_MEMBERS, (n) => [`m${n}`, "x"]));
    const user = buildUser({ metadata: full });
    await users.insert(user, undefined, context);
    for (const ifVersionIn of [undefined, [1]]) {
      const rejected = users.update(
        user.user_id,
        { lastname: "Roe", metadata: { more: "x" } },
        { updated_at, ifVersionIn },
        context,
      );
      const error = await expectUserError(rejected, "invalid-user");
      expect(error.issues).toEqual([expect.objectContaining({ pointer: "#/metadata", code: "too-many-members" })]);
    }
    expect(await users.get(user.user_id, context)).toEqual(user);
    // The limit counts the members after the update.
    const replaced = await update(users, user.user_id, { m0: null, m1: "y", more: "x" });
    expect(Object.keys(replaced.metadata!)).toHaveLength(MAX_METADATA_MEMBERS);
  });

  test("keeps its limit under concurrent updates", async () => {
    const users = await createRepository();
    const user = buildUser({ metadata: Object.fromEntries(generate(15, (n) => [`m${n}`, "x"])) });
    await users.insert(user, undefined, context);
    const { results, codes } = await settleAll(generate(10, (n) => update(users, user.user_id, { [`new${n}`]: "x" })));
    expect(results).toHaveLength(5);
    expect(codes).toEqual(generate(5, () => "invalid-user"));
    const stored = await users.get(user.user_id, context);
    expect(Object.keys(stored!.metadata!)).toHaveLength(MAX_METADATA_MEMBERS);
    expect(stored!.version).toBe(6);
  });

  test("a returned user is a copy: changes of its metadata do not reach the store", async () => {
    const users = await createRepository();
    const user = buildUser({ metadata: { a: "1" } });
    await users.insert(user, undefined, context);
    Object.assign((await users.get(user.user_id, context))!.metadata!, { a: "changed" });
    expect(await users.get(user.user_id, context)).toEqual(user);
  });
}

function update(
  users: UserRepository,
  id: string,
  metadata: NonNullable<UserUpdate["metadata"]> | null,
  ifVersionIn?: number[],
): Promise<User> {
  return users.update(id, { metadata }, { updated_at, ifVersionIn }, createContext());
}
