import { expect, test } from "vitest";
import type { UserChange } from "../index.ts";
import { aNewUser } from "./a-new-user.ts";
import type { CreateRepository } from "./describe-user-repository.ts";
import { outcomes, refusal, times } from "./outcomes.ts";

const updated_at = "2026-02-03T04:05:06.789Z";

export function describeUpdate(createRepository: CreateRepository): void {
  test("changes the fields sent, raises the version by one, and answers what is stored", async () => {
    const users = await createRepository();
    const user = aNewUser({ firstname: "Jane" });
    await users.insert(user);
    const changed = await users.update(user.user_id, { address: "456 Another St" }, { updated_at });
    expect(changed).toEqual({ ...user, address: "456 Another St", version: 2, updated_at });
    expect(await users.find(user.user_id)).toEqual(changed);
    expect(await users.findByEmail(user.email)).toEqual(changed);
  });

  test("every field can be changed at once", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    const change = {
      lastname: "Roe",
      firstname: "Richard",
      dob: "1980-12-31",
      address: "1 Side St",
      gender: "Non-binary",
      email: "richard.roe@example.com",
      phone_number: "+44 20 7946 0000",
    } as const;
    expect(await users.update(user.user_id, change, { updated_at })).toEqual({
      ...user,
      ...change,
      version: 2,
      updated_at,
    });
  });

  test("null removes a field, and removing it again is no error", async () => {
    const users = await createRepository();
    const user = aNewUser({ firstname: "Jane" });
    await users.insert(user);
    for (const version of [2, 3]) {
      const changed = await users.update(user.user_id, { firstname: null }, { updated_at });
      expect(changed.version).toBe(version);
      expect(Object.keys(changed)).not.toContain("firstname");
    }
    expect(Object.keys((await users.find(user.user_id))!)).not.toContain("firstname");
  });

  test("a user who does not exist is not found and not made", async () => {
    const users = await createRepository();
    const { user_id } = aNewUser();
    for (const id of [user_id, "email#user@example.com", "once#key", "é".repeat(4096)]) {
      await refusal(users.update(id, { lastname: "Roe" }, { updated_at }), "not-found");
      await refusal(users.update(id, { email: "roe@example.com" }, { updated_at }), "not-found");
      await refusal(users.update(id, { lastname: "Roe" }, { updated_at, ifVersion: [1] }), "not-found");
      expect(await users.find(id)).toBeUndefined();
    }
    expect(await users.findByEmail("roe@example.com")).toBeUndefined();
    expect((await users.list({ limit: 10 })).users).toEqual([]);
  });

  test("a user who was removed does not come back", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    await users.remove(user.user_id);
    await refusal(
      users.update(user.user_id, { lastname: "Roe", email: "roe@example.com" }, { updated_at }),
      "not-found",
    );
    expect(await users.find(user.user_id)).toBeUndefined();
    expect(await users.findByEmail("roe@example.com")).toBeUndefined();
  });

  test("a version that the user is not at refuses the change and names the one it is at", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    const changes: UserChange[] = [
      { lastname: "Roe" },
      { email: "roe@example.com" },
      { email: user.email.toUpperCase() },
    ];
    for (const change of changes) {
      for (const ifVersion of [[], [0], [2], [2, 3]]) {
        const error = await refusal(users.update(user.user_id, change, { updated_at, ifVersion }), "stale-version");
        expect(error.currentVersion).toBe(1);
      }
    }
    expect(await users.find(user.user_id)).toEqual(user);
    expect(await users.findByEmail("roe@example.com")).toBeUndefined();
  });

  test("any of the versions required will do", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    const many = times(400, (n) => 1_000 + n);
    expect((await users.update(user.user_id, { lastname: "Roe" }, { updated_at, ifVersion: [1] })).version).toBe(2);
    expect(
      (await users.update(user.user_id, { lastname: "Poe" }, { updated_at, ifVersion: [...many, 2] })).version,
    ).toBe(3);
    expect(
      (await users.update(user.user_id, { email: "poe@example.com" }, { updated_at, ifVersion: [3, 9] })).version,
    ).toBe(4);
  });

  test("of simultaneous changes of one version exactly one succeeds", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    const changes = times(10, (n) =>
      users.update(user.user_id, { lastname: `Roe ${n}` }, { updated_at, ifVersion: [1] }),
    );
    const { results, codes } = await outcomes(changes);
    expect(results).toHaveLength(1);
    expect(codes).toEqual(times(9, () => "stale-version"));
    expect(await users.find(user.user_id)).toEqual(results[0]);
  });

  test("simultaneous changes of different fields all succeed and merge", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    const change: UserChange = {
      lastname: "Roe",
      firstname: "Richard",
      dob: "1980-12-31",
      address: "1 Side St",
      gender: "Other",
      email: "richard.roe@example.com",
      phone_number: "0000000000",
    };
    const parts: UserChange[] = Object.entries(change).map(([name, value]) => ({ [name]: value }));
    const results = await Promise.all(parts.map((part) => users.update(user.user_id, part, { updated_at })));
    expect(new Set(results.map(({ version }) => version))).toEqual(new Set([2, 3, 4, 5, 6, 7, 8]));
    expect(await users.find(user.user_id)).toEqual({ ...user, ...change, version: 8, updated_at });
  });

  test("what the caller does to the answer does not reach the store", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    Object.assign(await users.update(user.user_id, { lastname: "Roe" }, { updated_at }), { lastname: "Changed" });
    expect((await users.find(user.user_id))?.lastname).toBe("Roe");
  });
}
