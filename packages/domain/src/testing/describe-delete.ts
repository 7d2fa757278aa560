import { expect, test } from "vitest";
import { buildUser, createContext, type CreateRepository } from "./fixtures.ts";
import { expectUserError, generate, settleAll } from "./settle.ts";

const updated_at = "2026-02-03T04:05:06.789Z";

export function describeDelete(createRepository: CreateRepository): void {
  const context = createContext();

  test("deletes the user and releases the email", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    expect(await users.delete(user.user_id, {}, context)).toBeUndefined();
    expect(await users.get(user.user_id, context)).toBeUndefined();
    expect(await users.findBy("email", user.email, context)).toBeUndefined();
    expect((await users.list({ limit: 10 }, context)).users).toEqual([]);
    await users.insert(buildUser({ email: user.email }), undefined, context);
  });

  test("releases the current email, not an earlier one", async () => {
    const users = await createRepository();
    const user = buildUser({ email: "before@example.com" });
    const newOwner = buildUser({ email: "before@example.com" });
    await users.insert(user, undefined, context);
    await users.update(user.user_id, { email: "now@example.com" }, { updated_at }, context);
    await users.insert(newOwner, undefined, context);
    await users.delete(user.user_id, {}, context);
    expect(await users.findBy("email", "before@example.com", context)).toEqual(newOwner);
    await users.insert(buildUser({ email: "now@example.com" }), undefined, context);
  });

  test("throws `not-found` for an unknown id and for a deleted user", async () => {
    const users = await createRepository();
    const [user, other] = [buildUser({ email: "user@example.com" }), buildUser()];
    await users.insert(user, undefined, context);
    await users.insert(other, undefined, context);
    await users.delete(user.user_id, {}, context);
    for (const id of [user.user_id, "email#user@example.com", "once#key", "", "é".repeat(4096)]) {
      await expectUserError(users.delete(id, {}, context), "not-found");
      await expectUserError(users.delete(id, { ifVersionIn: [1] }, context), "not-found");
    }
    expect((await users.list({ limit: 10 }, context)).users).toEqual([other]);
  });

  test("succeeds for exactly one of several concurrent deletes", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const { results, codes } = await settleAll(generate(8, () => users.delete(user.user_id, {}, createContext())));
    expect(results).toHaveLength(1);
    expect(codes).toEqual(generate(7, () => "not-found"));
  });

  test("leaves neither the user nor an email claim if the email is updated concurrently", async () => {
    const users = await createRepository();
    for (const email of generate(10, (n) => `updated.${n}@example.com`)) {
      const user = buildUser();
      await users.insert(user, undefined, context);
      const [{ codes }] = await Promise.all([
        settleAll([users.update(user.user_id, { email }, { updated_at }, createContext())]),
        users.delete(user.user_id, {}, createContext()),
      ]);
      // The update either precedes the delete or finds no user.
      expect(codes).toEqual(codes.map(() => "not-found"));
      expect(await users.get(user.user_id, context)).toBeUndefined();
      await users.insert(buildUser({ email }), undefined, context);
      await users.insert(buildUser({ email: user.email }), undefined, context);
    }
  });
}
