import { expect, test } from "vitest";
import { expectProblem, readJson, type StartService, type TestClient } from "./test-client.ts";

export function describeList(start: StartService): void {
  test("returns an empty page if there are no users", async () => {
    const { request } = await start();
    const response = await request("/users");
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.has("link")).toBe(false);
    expect(await readJson(response)).toEqual({ users: [], next_cursor: null });
  });

  test("returns every user exactly once, and no cursor on the last page", async () => {
    const client = await start();
    const ids = await createUsers(client, 12);
    for (const limit of [1, 5, 6, 12, 100]) {
      const pages = await listPages(client, `/users?limit=${limit}`);
      expect(pages).toHaveLength(Math.ceil(12 / limit));
      expect(pages.flat().toSorted()).toEqual(ids.toSorted());
    }
  });

  test("returns 50 users per page by default", async () => {
    const client = await start();
    await createUsers(client, 51);
    expect((await listPages(client, "/users")).map((page) => page.length)).toEqual([50, 1]);
  });

  test("returns users in the same representation as GET", async () => {
    const { request, createUser, getUser } = await start();
    const id = await createUser({ firstname: "Jane" });
    expect(await readJson(await request("/users"))).toEqual({ users: [await getUser(id)], next_cursor: null });
  });

  test("returns a page again, in any order and after its predecessors are deleted", async () => {
    const client = await start();
    await createUsers(client, 9);
    const paths = ["/users?limit=3"];
    for (const path of paths) {
      const link = (await client.request(path)).headers.get("link");
      if (link) paths.push(/^<([^>]+)>; rel="next"$/.exec(link)![1]!);
    }
    expect(paths).toHaveLength(3);
    const [first, second, third] = await Promise.all(paths.map(async (path) => readJson(await client.request(path))));
    expect(await readJson(await client.request(paths[2]!))).toEqual(third);
    for (const { user_id } of first!["users"] as { user_id: string }[]) {
      await client.request(`/users/${user_id}`, { method: "DELETE" });
    }
    expect(await readJson(await client.request(paths[1]!))).toEqual(second);
  });

  test("finds a new user by email, in any case", async () => {
    const { request, createUser, getUser } = await start();
    const user = await getUser(await createUser({ email: "John.O'Hara+tag@example.com" }));
    for (const email of ["John.O'Hara+tag@example.com", "john.o%27hara%2btag%40EXAMPLE.COM"]) {
      const response = await request(`/users?email=${email}`);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await readJson(response), email).toEqual({ users: [user], next_cursor: null });
    }
  });

  test("returns no user for an unknown email of any form", async () => {
    const { request, createUser } = await start();
    await createUser({ email: "john@example.com" });
    for (const email of ["unknown@example.com", "john@host", "%F0%9F%91%A9@a", "a@%00", `${"x".repeat(4000)}@a`]) {
      expect(await readJson(await request(`/users?email=${email}`)), email).toEqual({ users: [], next_cursor: null });
    }
    expect(await readJson(await request("/users?email=unknown@example.com&limit=5"))).toMatchObject({ users: [] });
  });

  test("returns 400 for a text that is not an email", async () => {
    const { request } = await start();
    for (const email of ["john", "@example.com", "john@", "%00", "%F0%9F%91%A9", "x".repeat(4000)]) {
      expect(await expectProblem(await request(`/users?email=${email}`), "invalid-query", "/users")).toEqual([
        { parameter: "email", code: "invalid-email", detail: "must be an email address" },
      ]);
    }
  });

  test("returns 400 for a cursor that is altered or foreign", async () => {
    const client = await start();
    await createUsers(client, 3);
    const { next_cursor } = await readJson(await client.request("/users?limit=1"));
    const cursor = String(next_cursor);
    expect(cursor).toMatch(/^[\w-]+$/);
    const replaced = Array.from(cursor, (character, n) => {
      return cursor.slice(0, n) + (character === "A" ? "B" : "A") + cursor.slice(n + 1);
    });
    const resized = [cursor.slice(1), cursor.slice(0, -1), `${cursor}A`, `${cursor}=`, cursor + cursor];
    const foreign = ["", "x", "AAAA", "AAAAAAAA", btoa('{"user_id":"x"}'), "%00", "1", "x".repeat(9000)];
    for (const invalid of [...replaced, ...resized, ...foreign]) {
      const response = await client.request(`/users?cursor=${invalid}`);
      expect(response.status, invalid).toBe(400);
      await expectProblem(response, "invalid-query");
    }
  });
}

async function createUsers({ createUser }: TestClient, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await createUser());
  return ids;
}

/** Follows the links from the first page, and returns the ids of the users in each page. */
export async function listPages({ request }: TestClient, firstPath: string): Promise<string[][]> {
  const pages: string[][] = [];
  let path: string | undefined = firstPath;
  while (path !== undefined) {
    const response = await request(path);
    const { users, next_cursor } = (await readJson(response)) as {
      users: { user_id: string }[];
      next_cursor: string | null;
    };
    pages.push(users.map((user) => user.user_id));
    path = /^<(\/users\?[^>]+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
    expect(path === undefined).toBe(next_cursor === null);
    if (path !== undefined) expect(path).toContain(`cursor=${next_cursor}`);
  }
  return pages;
}
