import { expect, test } from "vitest";
import { buildUser, createContext, type CreateRepository } from "./fixtures.ts";
import { expectUserError, generate, settleAll } from "./settle.ts";

export function describeInsert(createRepository: CreateRepository): void {
  const context = createContext();

  test("stores every field unchanged and returns the id", async () => {
    const users = await createRepository();
    const user = buildUser({ firstname: "Jane" });
    expect(await users.insert(user, undefined, context)).toBe(user.user_id);
    expect(await users.get(user.user_id, context)).toEqual(user);
  });

  test("stores no value for an absent field", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    expect(Object.keys((await users.get(user.user_id, context))!)).not.toContain("firstname");
  });

  test("stores text of every kind unchanged", async () => {
    const users = await createRepository();
    const user = buildUser({
      lastname: `O'Brien "); DROP TABLE users; --`,
      firstname: "Zoë 李 👩‍👩‍👧",
      address: "%_\\ ${x} <b>&amp;</b> \u2028 #/~0",
      email: "o'brien+tag%_@sub.example.com",
    });
    await users.insert(user, undefined, context);
    expect(await users.get(user.user_id, context)).toEqual(user);
    expect(await users.findBy("email", "O'BRIEN+TAG%_@SUB.EXAMPLE.COM", context)).toEqual(user);
  });

  test("throws `id-taken` with the stored user if a user with this id exists, and changes nothing", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    for (const repeated of [user, buildUser({ user_id: user.user_id }), { ...user, lastname: "Roe" }]) {
      const error = await expectUserError(users.insert(repeated, undefined, context), "id-taken");
      expect(error.existingUser).toEqual(user);
    }
    expect((await users.list({ limit: 10 }, context)).users).toEqual([user]);
  });

  test("throws `email-taken` for the email of another user in another case, and stores nothing", async () => {
    const users = await createRepository();
    await users.insert(buildUser({ email: "John.Doe@example.com" }), undefined, context);
    const second = buildUser({ email: "john.doe@EXAMPLE.com" });
    await expectUserError(users.insert(second, undefined, context), "email-taken");
    expect(await users.get(second.user_id, context)).toBeUndefined();
    expect((await users.list({ limit: 10 }, context)).users).toHaveLength(1);
  });

  test("succeeds for exactly one of several concurrent users with one email", async () => {
    const users = await createRepository();
    const attempts = generate(20, (n) => buildUser({ email: n % 2 ? "same@example.com" : "SAME@example.com" }));
    const { results, codes } = await settleAll(attempts.map((user) => users.insert(user, undefined, createContext())));
    expect(results).toHaveLength(1);
    expect(codes).toEqual(generate(19, () => "email-taken"));
    expect((await users.list({ limit: 100 }, context)).users.map((user) => user.user_id)).toEqual(results);
    expect((await users.findBy("email", "same@example.com", context))?.user_id).toBe(results[0]);
  });

  test("succeeds for all of many concurrent users with different emails", async () => {
    const users = await createRepository();
    const all = generate(60, () => buildUser());
    await Promise.all(all.map((user) => users.insert(user, undefined, createContext())));
    for (const user of all) expect(await users.get(user.user_id, context)).toEqual(user);
  });

  test("stores a copy: later changes of the caller's object have no effect", async () => {
    const users = await createRepository();
    const user = buildUser();
    const argument = { ...user };
    await users.insert(argument, undefined, context);
    Object.assign(argument, { lastname: "Changed" });
    expect(await users.get(user.user_id, context)).toEqual(user);
  });
}
