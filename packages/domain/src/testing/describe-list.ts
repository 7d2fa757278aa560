import { expect, test } from "vitest";
import type { User, UserRepository } from "../index.ts";
import { aNewUser } from "./a-new-user.ts";
import type { CreateRepository } from "./describe-user-repository.ts";
import { times } from "./outcomes.ts";

export function describeList(createRepository: CreateRepository): void {
  test("no users are one empty page", async () => {
    const users = await createRepository();
    expect(await users.list({ limit: 10 })).toEqual({ users: [], next: undefined });
    expect(await users.list({ limit: 10, after: aNewUser().user_id })).toEqual({ users: [], next: undefined });
  });

  test("pages are full until the last, which says so also when it is full", async () => {
    const users = await createRepository();
    const stored = await insertMany(users, 12);
    for (const [limit, sizes] of [
      [1, times(12, () => 1)],
      [5, [5, 5, 2]],
      [6, [6, 6]],
      [12, [12]],
      [100, [12]],
    ] as const) {
      const pages = await allPages(users, limit);
      expect(pages.map((page) => page.length)).toEqual(sizes);
      expect(byId(pages.flat())).toEqual(byId(stored));
    }
  });

  test("holds users and nothing else that the store keeps beside them", async () => {
    const users = await createRepository();
    const stored = times(7, () => aNewUser());
    for (const user of stored) {
      await users.insert(user, { key: user.user_id, fingerprint: "content", created_at: 1, expires_at: 2_000_000_000 });
    }
    for (const limit of [1, 2, 3, 7]) {
      const pages = await allPages(users, limit);
      expect(byId(pages.flat())).toEqual(byId(stored));
      expect(pages.every((page) => page.length > 0)).toBe(true);
    }
  });

  test("the same page asked for again is the same", async () => {
    const users = await createRepository();
    await insertMany(users, 9);
    const first = await users.list({ limit: 4 });
    const second = await users.list({ limit: 4, after: first.next });
    await users.list({ limit: 4, after: second.next });
    expect(await users.list({ limit: 4, after: first.next })).toEqual(second);
    expect(await users.list({ limit: 4 })).toEqual(first);
  });

  test("who exists throughout is covered exactly once, whoever comes and goes meanwhile", async () => {
    const users = await createRepository();
    const stored = await insertMany(users, 40);
    const leaving = new Set(stored.filter((_, n) => n % 3 === 0).map((user) => user.user_id));
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await users.list({ limit: 7, after });
      seen.push(...page.users.map((user) => user.user_id));
      after = page.next;
      for (const id of [...leaving].slice(0, 3)) {
        await users.remove(id);
        leaving.delete(id);
      }
      if (after !== undefined && leaving.delete(after)) await users.remove(after);
      await users.insert(aNewUser());
    } while (after !== undefined);
    const throughout = stored.filter((_, n) => n % 3 !== 0).map((user) => user.user_id);
    for (const id of throughout) expect(seen.filter((other) => other === id)).toHaveLength(1);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("ten thousand users are all found, by id, by address and page by page", { timeout: 120_000 }, async () => {
    const users = await createRepository();
    const stored = await insertMany(users, 10_000);
    const pages = await allPages(users, 100);
    expect(pages).toHaveLength(100);
    expect(byId(pages.flat())).toEqual(byId(stored));
    for (const user of stored.filter((_, n) => n % 500 === 0)) {
      expect(await users.find(user.user_id)).toEqual(user);
      expect(await users.findByEmail(user.email.toUpperCase())).toEqual(user);
    }
  });
}

async function insertMany(users: UserRepository, count: number): Promise<ReturnType<typeof aNewUser>[]> {
  const all = times(count, () => aNewUser());
  for (let start = 0; start < count; start += 50) {
    await Promise.all(all.slice(start, start + 50).map((user) => users.insert(user)));
  }
  return all;
}

async function allPages(users: UserRepository, limit: number): Promise<User[][]> {
  const pages: User[][] = [];
  let after: string | undefined;
  do {
    const page = await users.list({ limit, after });
    pages.push(page.users);
    after = page.next;
  } while (after !== undefined);
  return pages;
}

function byId(users: User[]): User[] {
  return users.toSorted((one, other) => (one.user_id < other.user_id ? -1 : 1));
}
