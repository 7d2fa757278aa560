import { expect, test } from "vitest";
import type { NewUser, User, UserRepository } from "../index.ts";
import { buildUser, createContext, type CreateRepository } from "./fixtures.ts";
import { generate } from "./settle.ts";

export function describeList(createRepository: CreateRepository): void {
  const context = createContext();

  test("returns one empty page if there are no users", async () => {
    const users = await createRepository();
    const emptyPage = { users: [], next: undefined };
    expect(await users.list({ limit: 10 }, context)).toEqual(emptyPage);
    expect(await users.list({ limit: 10, after: buildUser().user_id }, context)).toEqual(emptyPage);
  });

  test("fills every page but the last, and returns no `next` with the last page, even if that page is full", async () => {
    const users = await createRepository();
    const stored = await insertMany(users, 12);
    for (const [limit, sizes] of [
      [1, generate(12, () => 1)],
      [5, [5, 5, 2]],
      [6, [6, 6]],
      [12, [12]],
      [100, [12]],
    ] as const) {
      const pages = await collectPages(users, limit);
      expect(pages.map((page) => page.length)).toEqual(sizes);
      expect(sortById(pages.flat())).toEqual(sortById(stored));
    }
  });

  test("returns users only, no email claims or idempotency records", async () => {
    const users = await createRepository();
    const stored = generate(7, () => buildUser());
    for (const user of stored) {
      const record = { key: user.user_id, fingerprint: "content", created_at: 1, expires_at: 2_000_000_000 };
      await users.insert(user, record, context);
    }
    for (const limit of [1, 2, 3, 7]) {
      const pages = await collectPages(users, limit);
      expect(sortById(pages.flat())).toEqual(sortById(stored));
      expect(pages.every((page) => page.length > 0)).toBe(true);
    }
  });

  test("returns the same page to the same request", async () => {
    const users = await createRepository();
    await insertMany(users, 9);
    const first = await users.list({ limit: 4 }, context);
    const second = await users.list({ limit: 4, after: first.next }, context);
    await users.list({ limit: 4, after: second.next }, context);
    expect(await users.list({ limit: 4, after: first.next }, context)).toEqual(second);
    expect(await users.list({ limit: 4 }, context)).toEqual(first);
  });

  test("returns every user that exists throughout exactly once while others are inserted and deleted", async () => {
    const users = await createRepository();
    const stored = await insertMany(users, 40);
    const toDelete = new Set(stored.filter((_, n) => n % 3 === 0).map((user) => user.user_id));
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await users.list({ limit: 7, after }, context);
      seen.push(...page.users.map((user) => user.user_id));
      after = page.next;
      for (const id of [...toDelete].slice(0, 3)) {
        await users.delete(id, {}, context);
        toDelete.delete(id);
      }
      if (after !== undefined && toDelete.delete(after)) await users.delete(after, {}, context);
      await users.insert(buildUser(), undefined, context);
    } while (after !== undefined);
    const throughout = stored.filter((_, n) => n % 3 !== 0).map((user) => user.user_id);
    for (const id of throughout) expect(seen.filter((other) => other === id)).toHaveLength(1);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("10,000 users are found by id, by email and by listing", { timeout: 120_000 }, async () => {
    const users = await createRepository();
    const stored = await insertMany(users, 10_000);
    const pages = await collectPages(users, 100);
    expect(pages).toHaveLength(100);
    expect(sortById(pages.flat())).toEqual(sortById(stored));
    for (const user of stored.filter((_, n) => n % 500 === 0)) {
      expect(await users.get(user.user_id, context)).toEqual(user);
      expect(await users.findBy("email", user.email.toUpperCase(), context)).toEqual(user);
    }
  });
}

async function insertMany(users: UserRepository, count: number): Promise<NewUser[]> {
  const all = generate(count, () => buildUser());
  for (let start = 0; start < count; start += 50) {
    await Promise.all(all.slice(start, start + 50).map((user) => users.insert(user, undefined, createContext())));
  }
  return all;
}

async function collectPages(users: UserRepository, limit: number): Promise<User[][]> {
  const pages: User[][] = [];
  let after: string | undefined;
  do {
    const page = await users.list({ limit, after }, createContext());
    pages.push(page.users);
    after = page.next;
  } while (after !== undefined);
  return pages;
}

function sortById(users: User[]): User[] {
  return users.toSorted((one, other) => (one.user_id < other.user_id ? -1 : 1));
}
