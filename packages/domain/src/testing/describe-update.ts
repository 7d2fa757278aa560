import { expect, test } from "vitest";
import type { UserUpdate } from "../index.ts";
import { buildUser, createContext, type CreateRepository } from "./fixtures.ts";
import { expectUserError } from "./settle.ts";

const updated_at = "2026-02-03T04:05:06.789Z";

/** Updates every field. */
const FULL_UPDATE = {
  lastname: "Roe",
  firstname: "Richard",
  dob: "1980-12-31",
  address: "1 Side St",
  gender: "Non-binary",
  email: "richard.roe@example.com",
  phone_number: "+44 20 7946 0000",
  external_id: "crm-42",
  status: "suspended",
  metadata: { team: "blue" },
} as const satisfies Required<UserUpdate>;

export function describeUpdate(createRepository: CreateRepository): void {
  const context = createContext();

  test("sets the given fields, increments the version, and returns the stored user", async () => {
    const users = await createRepository();
    const user = buildUser({ firstname: "Jane" });
    await users.insert(user, undefined, context);
    const updated = await users.update(user.user_id, { address: "456 Another St" }, { updated_at }, context);
    expect(updated).toEqual({ ...user, address: "456 Another St", version: 2, updated_at });
    expect(await users.get(user.user_id, context)).toEqual(updated);
    expect(await users.findBy("email", user.email, context)).toEqual(updated);
  });

  test("sets all fields together", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const updated = await users.update(user.user_id, FULL_UPDATE, { updated_at }, context);
    expect(updated).toEqual({ ...user, ...FULL_UPDATE, version: 2, updated_at });
  });

  test("removes a field that is `null`, also one that is already absent", async () => {
    const users = await createRepository();
    const user = buildUser({ firstname: "Jane" });
    await users.insert(user, undefined, context);
    for (const version of [2, 3]) {
      const updated = await users.update(user.user_id, { firstname: null }, { updated_at }, context);
      expect(updated.version).toBe(version);
      expect(Object.keys(updated)).not.toContain("firstname");
    }
    expect(Object.keys((await users.get(user.user_id, context))!)).not.toContain("firstname");
  });

  test("throws `not-found` for an unknown id, and creates no user", async () => {
    const users = await createRepository();
    const { user_id } = buildUser();
    for (const id of [user_id, "email#user@example.com", "external#42", "once#key", "é".repeat(4096)]) {
      const update = (fields: UserUpdate, ifVersionIn?: number[]) =>
        users.update(id, fields, { updated_at, ifVersionIn }, context);
      await expectUserError(update({ lastname: "Roe" }), "not-found");
      await expectUserError(update({ email: "roe@example.com" }), "not-found");
      await expectUserError(update({ lastname: "Roe" }, [1]), "not-found");
      expect(await users.get(id, context)).toBeUndefined();
    }
    expect(await users.findBy("email", "roe@example.com", context)).toBeUndefined();
    expect((await users.list({ limit: 10 }, context)).users).toEqual([]);
  });

  test("does not recreate a deleted user", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    await users.delete(user.user_id, {}, context);
    const update = { lastname: "Roe", email: "roe@example.com" };
    await expectUserError(users.update(user.user_id, update, { updated_at }, context), "not-found");
    expect(await users.get(user.user_id, context)).toBeUndefined();
    expect(await users.findBy("email", "roe@example.com", context)).toBeUndefined();
  });

  test("merges concurrent updates of different fields", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const updates: UserUpdate[] = Object.entries(FULL_UPDATE).map(([field, value]) => ({ [field]: value }));
    const results = await Promise.all(
      updates.map((update) => users.update(user.user_id, update, { updated_at }, createContext())),
    );
    expect(new Set(results.map(({ version }) => version))).toEqual(new Set(updates.map((_, n) => n + 2)));
    const version = 1 + updates.length;
    expect(await users.get(user.user_id, context)).toEqual({ ...user, ...FULL_UPDATE, version, updated_at });
  });

  test("returns a copy: changes of it do not reach the store", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const updated = await users.update(user.user_id, { lastname: "Roe" }, { updated_at }, context);
    Object.assign(updated, { lastname: "Changed" });
    expect((await users.get(user.user_id, context))?.lastname).toBe("Roe");
  });
}
