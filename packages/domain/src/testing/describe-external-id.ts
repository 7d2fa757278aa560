import { expect, test } from "vitest";
import { buildUser, createContext, type CreateRepository } from "./fixtures.ts";
import { expectUserError, generate, settleAll } from "./settle.ts";

const updated_at = "2026-02-03T04:05:06.789Z";

export function describeExternalId(createRepository: CreateRepository): void {
  const context = createContext();

  test("finds a user by its external id, compared case-sensitively", async () => {
    const users = await createRepository();
    const user = buildUser({ external_id: "crm/Ä 42#x" });
    await users.insert(user, undefined, context);
    expect(await users.findBy("external_id", "crm/Ä 42#x", context)).toEqual(user);
    expect(await users.findBy("external_id", " crm/A\u0308 42#x", context)).toEqual(user);
    for (const externalId of ["CRM/Ä 42#x", "crm/Ä 42#x!", "crm/ä 42#x", "", "x".repeat(4_000), "\ud800"]) {
      expect(await users.findBy("external_id", externalId, context), externalId).toBeUndefined();
    }
    expect(await users.findBy("email", "crm/Ä 42#x", context)).toBeUndefined();
    expect(await users.findBy("external_id", user.email, context)).toBeUndefined();
    expect(await users.get("external#crm/Ä 42#x", context)).toBeUndefined();
  });

  test("lets two users have external ids that differ in case only", async () => {
    const users = await createRepository();
    const [one, two] = [buildUser({ external_id: "abc" }), buildUser({ external_id: "ABC" })];
    await users.insert(one, undefined, context);
    await users.insert(two, undefined, context);
    expect(await users.findBy("external_id", "ABC", context)).toEqual(two);
  });

  test("an insert throws `external-id-taken` for that of another user, and claims no email", async () => {
    const users = await createRepository();
    await users.insert(buildUser({ external_id: "42" }), undefined, context);
    const second = buildUser({ external_id: "42" });
    const record = { key: "key", fingerprint: "content", created_at: 1, expires_at: 2_000_000_000 };
    await expectUserError(users.insert(second, record, context), "external-id-taken");
    expect(await users.get(second.user_id, context)).toBeUndefined();
    expect(await users.findBy("email", second.email, context)).toBeUndefined();
    const { external_id: _, ...third } = buildUser({ email: second.email });
    expect(await users.insert(third, record, context)).toBe(third.user_id);
  });

  test("an insert whose email is taken claims no external id", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const second = buildUser({ email: user.email, external_id: "42" });
    await expectUserError(users.insert(second, undefined, context), "email-taken");
    await users.insert(buildUser({ external_id: "42" }), undefined, context);
  });

  test("an update sets, replaces and removes it, and releases the earlier one immediately", async () => {
    const users = await createRepository();
    const [user, other] = [buildUser(), buildUser()];
    await users.insert(user, undefined, context);
    await users.insert(other, undefined, context);
    const update = (id: string, external_id: string | null) =>
      users.update(id, { external_id }, { updated_at }, context);
    expect(await update(user.user_id, "one")).toEqual({ ...user, external_id: "one", version: 2, updated_at });
    expect(await update(user.user_id, "two")).toMatchObject({ external_id: "two" });
    await update(other.user_id, "one");
    const removed = await update(user.user_id, null);
    expect(Object.keys(removed)).not.toContain("external_id");
    await update(other.user_id, "two");
    expect(await users.findBy("external_id", "one", context)).toBeUndefined();
    expect((await users.findBy("external_id", "two", context))?.user_id).toBe(other.user_id);
  });

  test("an update changes email and external id together or neither", async () => {
    const users = await createRepository();
    const [user, other] = [buildUser({ external_id: "mine" }), buildUser({ external_id: "theirs" })];
    await users.insert(user, undefined, context);
    await users.insert(other, undefined, context);
    const attempts = [
      [{ email: "new@example.com", external_id: "theirs" }, "external-id-taken"],
      [{ email: other.email, external_id: "new" }, "email-taken"],
    ] as const;
    for (const [update, code] of attempts) {
      await expectUserError(users.update(user.user_id, update, { updated_at }, context), code);
      expect(await users.get(user.user_id, context)).toEqual(user);
      expect(await users.findBy("email", "new@example.com", context)).toBeUndefined();
      expect(await users.findBy("external_id", "new", context)).toBeUndefined();
    }
    const changed = { email: "new@example.com", external_id: "new" };
    const updated = await users.update(user.user_id, changed, { updated_at, ifVersionIn: [1] }, context);
    expect(await users.findBy("email", "new@example.com", context)).toEqual(updated);
    expect(await users.findBy("external_id", "new", context)).toEqual(updated);
    await users.insert(buildUser({ email: user.email, external_id: "mine" }), undefined, context);
  });

  test("a deletion releases it", async () => {
    const users = await createRepository();
    const user = buildUser({ external_id: "42" });
    await users.insert(user, undefined, context);
    await users.delete(user.user_id, {}, context);
    expect(await users.findBy("external_id", "42", context)).toBeUndefined();
    await users.insert(buildUser({ external_id: "42" }), undefined, context);
  });

  test("exactly one of several concurrent inserts and updates with one external id succeeds", async () => {
    const users = await createRepository();
    const stored = generate(4, () => buildUser());
    for (const user of stored) await users.insert(user, undefined, context);
    const inserted = generate(4, () => buildUser({ external_id: "42" }));
    const { results, codes } = await settleAll([
      ...inserted.map((user) => users.insert(user, undefined, createContext())),
      ...stored.map(async ({ user_id }) => {
        await users.update(user_id, { external_id: "42" }, { updated_at }, createContext());
        return user_id;
      }),
    ]);
    expect(codes).toEqual(generate(7, () => "external-id-taken"));
    expect((await users.findBy("external_id", "42", context))?.user_id).toBe(results[0]);
  });
}
