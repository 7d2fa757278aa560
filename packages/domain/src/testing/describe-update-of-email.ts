import { expect, test } from "vitest";
import { canonicalEmail } from "../index.ts";
import { aNewUser } from "./a-new-user.ts";
import type { CreateRepository } from "./describe-user-repository.ts";
import { outcomes, refusal, times } from "./outcomes.ts";

const updated_at = "2026-02-03T04:05:06.789Z";

export function describeUpdateOfEmail(createRepository: CreateRepository): void {
  test("frees the old address and claims the new one", async () => {
    const users = await createRepository();
    const user = aNewUser({ email: "old@example.com" });
    await users.insert(user);
    const changed = await users.update(user.user_id, { email: "New@example.com" }, { updated_at });
    expect(changed).toEqual({ ...user, email: "New@example.com", version: 2, updated_at });
    expect(await users.findByEmail("old@example.com")).toBeUndefined();
    expect(await users.findByEmail("new@example.com")).toEqual(changed);
    await refusal(users.insert(aNewUser({ email: "NEW@example.com" })), "email-taken");
    await users.insert(aNewUser({ email: "old@example.com" }));
  });

  test("an address that another user has is taken, and no field is changed", async () => {
    const users = await createRepository();
    const [user, other] = [aNewUser(), aNewUser()];
    await users.insert(user);
    await users.insert(other);
    const change = { lastname: "Roe", email: other.email.toUpperCase() };
    await refusal(users.update(user.user_id, change, { updated_at }), "email-taken");
    await refusal(users.update(user.user_id, change, { updated_at, ifVersion: [1] }), "email-taken");
    expect(await users.find(user.user_id)).toEqual(user);
    expect(await users.findByEmail(user.email)).toEqual(user);
    expect(await users.findByEmail(other.email)).toEqual(other);
  });

  test("when the version is stale as well, that is what is said", async () => {
    const users = await createRepository();
    const [user, other] = [aNewUser(), aNewUser()];
    await users.insert(user);
    await users.insert(other);
    await refusal(users.update(user.user_id, { email: other.email }, { updated_at, ifVersion: [7] }), "stale-version");
  });

  test("a user can change the case of the own address, or send it as it is", async () => {
    const users = await createRepository();
    const user = aNewUser({ email: "jane@example.com" });
    await users.insert(user);
    expect((await users.update(user.user_id, { email: "Jane@example.com" }, { updated_at })).email).toBe(
      "Jane@example.com",
    );
    expect((await users.update(user.user_id, { email: "Jane@example.com" }, { updated_at })).version).toBe(3);
    expect((await users.findByEmail("jane@example.com"))?.email).toBe("Jane@example.com");
    await refusal(users.insert(aNewUser({ email: "jane@example.com" })), "email-taken");
  });

  test("of simultaneous changes of different users to one address exactly one succeeds", async () => {
    const users = await createRepository();
    const all = times(8, () => aNewUser());
    for (const user of all) await users.insert(user);
    const { results, codes } = await outcomes(
      all.map((user) => users.update(user.user_id, { email: "wanted@example.com" }, { updated_at })),
    );
    expect(results).toHaveLength(1);
    expect(codes).toEqual(times(7, () => "email-taken"));
    expect(await users.findByEmail("wanted@example.com")).toEqual(results[0]);
    for (const user of all.filter(({ user_id }) => user_id !== results[0]?.user_id)) {
      expect(await users.findByEmail(user.email)).toEqual(user);
    }
  });

  test("simultaneous changes of one user to different addresses leave one of them claimed and all others free", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    const addresses = times(6, (n) => `address.${n}@example.com`);
    await Promise.all(addresses.map((email) => users.update(user.user_id, { email }, { updated_at })));
    const { email, version } = (await users.find(user.user_id))!;
    expect(version).toBe(7);
    for (const address of [user.email, ...addresses]) {
      const owner = (await users.findByEmail(address))?.user_id;
      expect(owner, address).toBe(canonicalEmail(address) === email ? user.user_id : undefined);
    }
    for (const address of [user.email, ...addresses].filter((other) => other !== email)) {
      await users.insert(aNewUser({ email: address }));
    }
  });

  test("two users can trade addresses by way of a third", async () => {
    const users = await createRepository();
    const [one, two] = [aNewUser(), aNewUser()];
    await users.insert(one);
    await users.insert(two);
    await users.update(one.user_id, { email: "between@example.com" }, { updated_at });
    await users.update(two.user_id, { email: one.email }, { updated_at });
    await users.update(one.user_id, { email: two.email }, { updated_at });
    expect((await users.findByEmail(one.email))?.user_id).toBe(two.user_id);
    expect((await users.findByEmail(two.email))?.user_id).toBe(one.user_id);
    expect(await users.findByEmail("between@example.com")).toBeUndefined();
  });
}
