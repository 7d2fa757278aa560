import { expect, test } from "vitest";
import { aNewUser } from "./a-new-user.ts";
import type { CreateRepository } from "./describe-user-repository.ts";
import { outcomes, refusal, times } from "./outcomes.ts";

export function describeInsert(createRepository: CreateRepository): void {
  test("stores every field as given and answers the id", async () => {
    const users = await createRepository();
    const user = aNewUser({ firstname: "Jane" });
    expect(await users.insert(user)).toBe(user.user_id);
    expect(await users.find(user.user_id)).toEqual(user);
  });

  test("a field that is not set is absent afterwards", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    expect(Object.keys((await users.find(user.user_id))!)).not.toContain("firstname");
  });

  test("text of every kind comes back to the letter", async () => {
    const users = await createRepository();
    const user = aNewUser({
      lastname: `O'Brien "); DROP TABLE users; --`,
      firstname: "Zoë 李 👩‍👩‍👧",
      address: "%_\\ ${x} <b>&amp;</b> \u2028 #/~0",
      email: "o'brien+tag%_@sub.example.com",
    });
    await users.insert(user);
    expect(await users.find(user.user_id)).toEqual(user);
    expect(await users.findByEmail("O'BRIEN+TAG%_@SUB.EXAMPLE.COM")).toEqual(user);
  });

  test("an address that another user has in another case is taken, and nothing is stored", async () => {
    const users = await createRepository();
    await users.insert(aNewUser({ email: "John.Doe@example.com" }));
    const second = aNewUser({ email: "john.doe@EXAMPLE.com" });
    await refusal(users.insert(second), "email-taken");
    expect(await users.find(second.user_id)).toBeUndefined();
    expect((await users.list({ limit: 10 })).users).toHaveLength(1);
  });

  test("of simultaneous inserts of one address exactly one succeeds", async () => {
    const users = await createRepository();
    const attempts = times(20, (n) => aNewUser({ email: n % 2 ? "same@example.com" : "SAME@example.com" }));
    const { results, codes } = await outcomes(attempts.map((user) => users.insert(user)));
    expect(results).toHaveLength(1);
    expect(codes).toEqual(times(19, () => "email-taken"));
    expect((await users.list({ limit: 100 })).users.map((user) => user.user_id)).toEqual(results);
    expect((await users.findByEmail("same@example.com"))?.user_id).toBe(results[0]);
  });

  test("simultaneous inserts of different users all succeed", async () => {
    const users = await createRepository();
    const all = times(60, () => aNewUser());
    await Promise.all(all.map((user) => users.insert(user)));
    for (const user of all) expect(await users.find(user.user_id)).toEqual(user);
  });

  test("what the caller does to the object afterwards does not reach the store", async () => {
    const users = await createRepository();
    const user = aNewUser();
    const given = { ...user };
    await users.insert(given);
    Object.assign(given, { lastname: "Changed" });
    expect(await users.find(user.user_id)).toEqual(user);
  });
}
