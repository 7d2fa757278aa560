import { expect, test } from "vitest";
import { aNewUser } from "./a-new-user.ts";
import type { CreateRepository } from "./describe-user-repository.ts";
import { outcomes, refusal, times } from "./outcomes.ts";

const updated_at = "2026-02-03T04:05:06.789Z";

export function describeRemove(createRepository: CreateRepository): void {
  test("the user is gone and the address is free", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    expect(await users.remove(user.user_id)).toBeUndefined();
    expect(await users.find(user.user_id)).toBeUndefined();
    expect(await users.findByEmail(user.email)).toBeUndefined();
    expect((await users.list({ limit: 10 })).users).toEqual([]);
    await users.insert(aNewUser({ email: user.email }));
  });

  test("frees the address the user has now, not one from before", async () => {
    const users = await createRepository();
    const user = aNewUser({ email: "before@example.com" });
    const heir = aNewUser({ email: "before@example.com" });
    await users.insert(user);
    await users.update(user.user_id, { email: "now@example.com" }, { updated_at });
    await users.insert(heir);
    await users.remove(user.user_id);
    expect(await users.findByEmail("before@example.com")).toEqual(heir);
    await users.insert(aNewUser({ email: "now@example.com" }));
  });

  test("a user who does not exist is not found, the second time too", async () => {
    const users = await createRepository();
    const [user, other] = [aNewUser({ email: "user@example.com" }), aNewUser()];
    await users.insert(user);
    await users.insert(other);
    await users.remove(user.user_id);
    for (const id of [user.user_id, "email#user@example.com", "once#key", "", "é".repeat(4096)]) {
      await refusal(users.remove(id), "not-found");
      await refusal(users.remove(id, { ifVersion: [1] }), "not-found");
    }
    expect((await users.list({ limit: 10 })).users).toEqual([other]);
  });

  test("a version that the user is not at refuses and names the one it is at", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    for (const ifVersion of [[], [0], [2, 3]]) {
      expect((await refusal(users.remove(user.user_id, { ifVersion }), "stale-version")).currentVersion).toBe(1);
    }
    expect(await users.findByEmail(user.email)).toEqual(user);
    await users.remove(user.user_id, { ifVersion: [1, 2] });
    expect(await users.find(user.user_id)).toBeUndefined();
  });

  test("of simultaneous removals exactly one succeeds", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    const { results, codes } = await outcomes(times(8, () => users.remove(user.user_id)));
    expect(results).toHaveLength(1);
    expect(codes).toEqual(times(7, () => "not-found"));
  });

  test("a change at the same time is either before or refused, and leaves neither user nor claim", async () => {
    const users = await createRepository();
    for (const n of times(10, (index) => index)) {
      const user = aNewUser();
      const email = `changed.${n}@example.com`;
      await users.insert(user);
      const [change] = await Promise.allSettled([
        outcomes([users.update(user.user_id, { email }, { updated_at })]),
        users.remove(user.user_id),
      ]);
      expect(change).toMatchObject({
        value: { codes: expect.toSatisfy((codes) => codes.every((code: string) => code === "not-found")) },
      });
      expect(await users.find(user.user_id)).toBeUndefined();
      await users.insert(aNewUser({ email }));
      await users.insert(aNewUser({ email: user.email }));
    }
  });
}
