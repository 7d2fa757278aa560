import { expect, test } from "vitest";
import type { PageRequest, User, UserRepository } from "../index.ts";
import { buildUser, createContext, type CreateRepository } from "./fixtures.ts";
import { generate } from "./settle.ts";

const updated_at = "2026-02-03T04:05:06.789Z";

export function describeStatus(createRepository: CreateRepository): void {
  const context = createContext();

  test("is stored, and removed by `null`", async () => {
    const users = await createRepository();
    const user = buildUser({ status: "suspended" });
    await users.insert(user, undefined, context);
    expect(await users.get(user.user_id, context)).toEqual(user);
    const updated = await users.update(user.user_id, { status: null }, { updated_at }, context);
    expect(Object.keys(updated)).not.toContain("status");
  });

  test("filters a list: the pages contain every user with the status exactly once", async () => {
    const users = await createRepository();
    const stored = generate(60, (n) => buildUser(n % 7 === 0 ? { status: "suspended" } : {}));
    for (const user of stored) await users.insert(user, undefined, context);
    for (const status of ["active", "suspended"] as const) {
      const expected = stored.filter((user) => (user.status ?? "active") === status);
      for (const limit of [1, 4, 100]) {
        expect(await collectIds(users, { limit, status })).toEqual(expected.map(({ user_id }) => user_id).toSorted());
      }
    }
  });

  test("filters a list without any match", async () => {
    const users = await createRepository();
    for (const user of generate(5, () => buildUser())) await users.insert(user, undefined, context);
    expect(await collectIds(users, { limit: 2, status: "suspended" })).toEqual([]);
  });
}

/** Returns the sorted ids on all pages, of which each has at most `limit` users. */
async function collectIds(users: UserRepository, request: PageRequest): Promise<string[]> {
  const listed: User[] = [];
  let after: string | undefined;
  do {
    const page = await users.list({ ...request, after }, createContext());
    expect(page.users.length).toBeLessThanOrEqual(request.limit);
    listed.push(...page.users);
    after = page.next;
  } while (after !== undefined);
  return listed.map(({ user_id }) => user_id).toSorted();
}
