import { expect, test } from "vitest";
import { aNewUser } from "./a-new-user.ts";
import type { CreateRepository } from "./describe-user-repository.ts";

const NOT_IDS = [
  "",
  " ",
  "nobody",
  "00000000-0000-0000-0000-000000000000",
  "email#user@example.com",
  "once#key",
  "__proto__",
  "constructor",
  "a\u0000b",
  "\ud800",
  "é".repeat(4096),
  "' OR '1'='1",
];

export function describeFind(createRepository: CreateRepository): void {
  test("a string that is no user's id finds nobody, whatever it looks like", async () => {
    const users = await createRepository();
    const user = aNewUser({ email: "user@example.com" });
    await users.insert(user, { key: "key", fingerprint: "content", created_at: 1, expires_at: 2_000_000_000 });
    for (const id of [...NOT_IDS, user.user_id.toUpperCase(), `${user.user_id} `]) {
      expect(await users.find(id), id.slice(0, 40)).toBeUndefined();
    }
  });

  test("an address that no user has finds nobody, whatever it looks like", async () => {
    const users = await createRepository();
    await users.insert(aNewUser());
    for (const email of [...NOT_IDS, "nobody@example.com", "%@example.com"]) {
      expect(await users.findByEmail(email), email.slice(0, 40)).toBeUndefined();
    }
  });

  test("an address finds its user in any case, as stored", async () => {
    const users = await createRepository();
    const user = aNewUser({ email: "John.Doe@Example.com" });
    await users.insert(user);
    for (const email of ["John.Doe@Example.com", "john.doe@example.com", "JOHN.DOE@EXAMPLE.COM"]) {
      expect(await users.findByEmail(email)).toEqual(user);
    }
  });

  test("what is found is the caller's own", async () => {
    const users = await createRepository();
    const user = aNewUser();
    await users.insert(user);
    const ways = [
      () => users.find(user.user_id),
      () => users.findByEmail(user.email),
      async () => (await users.list({ limit: 1 })).users[0],
    ];
    for (const way of ways) {
      Object.assign((await way())!, { lastname: "Changed" });
      expect(await way()).toEqual(user);
    }
  });
}
