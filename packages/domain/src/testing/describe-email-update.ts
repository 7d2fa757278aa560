import { expect, test } from "vitest";
import { canonicalizeEmail } from "../index.ts";
import { buildUser, createContext, type CreateRepository } from "./fixtures.ts";
import { expectUserError, generate, settleAll } from "./settle.ts";

const updated_at = "2026-02-03T04:05:06.789Z";

export function describeEmailUpdate(createRepository: CreateRepository): void {
  const context = createContext();

  test("releases the old email and claims the new one", async () => {
    const users = await createRepository();
    const user = buildUser({ email: "old@example.com" });
    await users.insert(user, undefined, context);
    const updated = await users.update(user.user_id, { email: "New@example.com" }, { updated_at }, context);
    expect(updated).toEqual({ ...user, email: "New@example.com", version: 2, updated_at });
    expect(await users.findBy("email", "old@example.com", context)).toBeUndefined();
    expect(await users.findBy("email", "new@example.com", context)).toEqual(updated);
    await expectUserError(users.insert(buildUser({ email: "NEW@example.com" }), undefined, context), "email-taken");
    await users.insert(buildUser({ email: "old@example.com" }), undefined, context);
  });

  test("throws `email-taken` for the email of another user, and sets no field", async () => {
    const users = await createRepository();
    const [user, other] = [buildUser(), buildUser()];
    await users.insert(user, undefined, context);
    await users.insert(other, undefined, context);
    const update = { lastname: "Roe", email: other.email.toUpperCase() };
    for (const ifVersionIn of [undefined, [1]]) {
      const rejectedUpdate = users.update(user.user_id, update, { updated_at, ifVersionIn }, context);
      await expectUserError(rejectedUpdate, "email-taken");
    }
    expect(await users.get(user.user_id, context)).toEqual(user);
    expect(await users.findBy("email", user.email, context)).toEqual(user);
    expect(await users.findBy("email", other.email, context)).toEqual(other);
  });

  test("throws `stale-version` if the version is stale and the email is taken as well", async () => {
    const users = await createRepository();
    const [user, other] = [buildUser(), buildUser()];
    await users.insert(user, undefined, context);
    await users.insert(other, undefined, context);
    const rejectedUpdate = users.update(
      user.user_id,
      { email: other.email },
      { updated_at, ifVersionIn: [7] },
      context,
    );
    await expectUserError(rejectedUpdate, "stale-version");
  });

  test("accepts the user's own email, in another case or unchanged", async () => {
    const users = await createRepository();
    const user = buildUser({ email: "jane@example.com" });
    await users.insert(user, undefined, context);
    const update = () => users.update(user.user_id, { email: "Jane@example.com" }, { updated_at }, context);
    expect((await update()).email).toBe("Jane@example.com");
    expect((await update()).version).toBe(3);
    expect((await users.findBy("email", "jane@example.com", context))?.email).toBe("Jane@example.com");
    await expectUserError(users.insert(buildUser({ email: "jane@example.com" }), undefined, context), "email-taken");
  });

  test("succeeds for exactly one of several users that are concurrently updated to one email", async () => {
    const users = await createRepository();
    const all = generate(8, () => buildUser());
    for (const user of all) await users.insert(user, undefined, context);
    const { results, codes } = await settleAll(
      all.map((user) => users.update(user.user_id, { email: "wanted@example.com" }, { updated_at }, createContext())),
    );
    expect(results).toHaveLength(1);
    expect(codes).toEqual(generate(7, () => "email-taken"));
    expect(await users.findBy("email", "wanted@example.com", context)).toEqual(results[0]);
    for (const user of all.filter(({ user_id }) => user_id !== results[0]?.user_id)) {
      expect(await users.findBy("email", user.email, context)).toEqual(user);
    }
  });

  test("claims only the last of several emails that one user is concurrently updated to", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const newEmails = generate(6, (n) => `email.${n}@example.com`);
    await Promise.all(newEmails.map((email) => users.update(user.user_id, { email }, { updated_at }, createContext())));
    const { email: currentEmail, version } = (await users.get(user.user_id, context))!;
    expect(version).toBe(7);
    for (const email of [user.email, ...newEmails]) {
      const owner = (await users.findBy("email", email, context))?.user_id;
      expect(owner, email).toBe(canonicalizeEmail(email) === currentEmail ? user.user_id : undefined);
    }
    for (const email of [user.email, ...newEmails].filter((other) => other !== currentEmail)) {
      await users.insert(buildUser({ email }), undefined, context);
    }
  });

  test("lets two users exchange their emails by way of a third email", async () => {
    const users = await createRepository();
    const [one, two] = [buildUser(), buildUser()];
    await users.insert(one, undefined, context);
    await users.insert(two, undefined, context);
    await users.update(one.user_id, { email: "between@example.com" }, { updated_at }, context);
    await users.update(two.user_id, { email: one.email }, { updated_at }, context);
    await users.update(one.user_id, { email: two.email }, { updated_at }, context);
    expect((await users.findBy("email", one.email, context))?.user_id).toBe(two.user_id);
    expect((await users.findBy("email", two.email, context))?.user_id).toBe(one.user_id);
    expect(await users.findBy("email", "between@example.com", context)).toBeUndefined();
  });
}
