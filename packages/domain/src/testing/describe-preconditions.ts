import { expect, test } from "vitest";
import type { UserUpdate } from "../index.ts";
import { buildUser, createContext, type CreateRepository } from "./fixtures.ts";
import { expectUserError, generate, settleAll } from "./settle.ts";

const updated_at = "2026-02-03T04:05:06.789Z";

export function describePreconditions(createRepository: CreateRepository): void {
  const context = createContext();

  test("update throws `stale-version` with the current version if no required version matches, and sets no field", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const updates: UserUpdate[] = [
      { lastname: "Roe" },
      { email: "roe@example.com" },
      { email: user.email.toUpperCase() },
    ];
    for (const update of updates) {
      for (const ifVersionIn of [[], [0], [2], [2, 3]]) {
        const error = await expectUserError(
          users.update(user.user_id, update, { updated_at, ifVersionIn }, context),
          "stale-version",
        );
        expect(error.currentVersion).toBe(1);
      }
    }
    expect(await users.get(user.user_id, context)).toEqual(user);
    expect(await users.findBy("email", "roe@example.com", context)).toBeUndefined();
  });

  test("update succeeds if any of the required versions matches", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const update = (fields: UserUpdate, ifVersionIn: number[]) =>
      users.update(user.user_id, fields, { updated_at, ifVersionIn }, context);
    const manyVersions = generate(400, (n) => 1_000 + n);
    expect((await update({ lastname: "Roe" }, [1])).version).toBe(2);
    expect((await update({ lastname: "Poe" }, [...manyVersions, 2])).version).toBe(3);
    expect((await update({ email: "poe@example.com" }, [3, 9])).version).toBe(4);
  });

  test("update succeeds for exactly one of several concurrent updates that require one version", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const { results, codes } = await settleAll(
      generate(10, (n) =>
        users.update(user.user_id, { lastname: `Roe ${n}` }, { updated_at, ifVersionIn: [1] }, createContext()),
      ),
    );
    expect(results).toHaveLength(1);
    expect(codes).toEqual(generate(9, () => "stale-version"));
    expect(await users.get(user.user_id, context)).toEqual(results[0]);
  });

  test("delete throws `stale-version` with the current version, or deletes the user if a required version matches", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    for (const ifVersionIn of [[], [0], [2, 3]]) {
      const error = await expectUserError(users.delete(user.user_id, { ifVersionIn }, context), "stale-version");
      expect(error.currentVersion).toBe(1);
    }
    expect(await users.findBy("email", user.email, context)).toEqual(user);
    await users.delete(user.user_id, { ifVersionIn: [1, 2] }, context);
    expect(await users.get(user.user_id, context)).toBeUndefined();
  });
}
