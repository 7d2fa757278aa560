import { expect, test } from "vitest";
import { expectProblem, json, type Client } from "./client.ts";
import type { StartService } from "./describe-http-contract.ts";

export function describeList(start: StartService): void {
  test("no users are an empty page", async () => {
    const { ask } = await start();
    const response = await ask("/users");
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.has("link")).toBe(false);
    expect(await json(response)).toEqual({ users: [], next_cursor: null });
  });

  test("pages cover every user exactly once, the last one without a cursor", async () => {
    const client = await start();
    const ids = await createMany(client, 12);
    for (const limit of [1, 5, 6, 12, 100]) {
      const pages = await pagesOf(client, `/users?limit=${limit}`);
      expect(pages).toHaveLength(Math.ceil(12 / limit));
      expect(pages.flat().toSorted()).toEqual(ids.toSorted());
    }
  });

  test("a page has 50 users unless told otherwise", async () => {
    const client = await start();
    await createMany(client, 51);
    expect((await pagesOf(client, "/users")).map((page) => page.length)).toEqual([50, 1]);
  });

  test("users are answered as GET answers them", async () => {
    const client = await start();
    const id = await client.create({ firstname: "Jane" });
    expect(await json(await client.ask("/users"))).toEqual({ users: [await client.read(id)], next_cursor: null });
  });

  test("a page can be asked for again, in any order and when its users have gone", async () => {
    const client = await start();
    await createMany(client, 9);
    const paths = ["/users?limit=3"];
    for (const path of paths) {
      const next = (await client.ask(path)).headers.get("link");
      if (next) paths.push(/^<([^>]+)>; rel="next"$/.exec(next)![1]!);
    }
    expect(paths).toHaveLength(3);
    const [first, second, third] = await Promise.all(paths.map(async (path) => json(await client.ask(path))));
    expect(await json(await client.ask(paths[2]!))).toEqual(third);
    for (const { user_id } of first!["users"] as { user_id: string }[]) {
      await client.ask(`/users/${user_id}`, { method: "DELETE" });
    }
    expect(await json(await client.ask(paths[1]!))).toEqual(second);
  });

  test("an address finds its user in any case, as soon as it is created", async () => {
    const client = await start();
    const id = await client.create({ email: "John.O'Hara+tag@example.com" });
    const user = await client.read(id);
    for (const email of ["John.O'Hara+tag@example.com", "john.o%27hara%2btag%40EXAMPLE.COM"]) {
      const response = await client.ask(`/users?email=${email}`);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await json(response)).toEqual({ users: [user], next_cursor: null });
    }
    for (const email of ["nobody@example.com", "john", "%F0%9F%91%A9", "x".repeat(4000)]) {
      expect(await json(await client.ask(`/users?email=${email}`))).toEqual({ users: [], next_cursor: null });
    }
    expect(await json(await client.ask("/users?email=nobody@example.com&limit=5"))).toMatchObject({ users: [] });
  });

  test("every wrong parameter is reported", async () => {
    const { ask } = await start();
    const response = await ask("/users?limit=0&cursor=!&offset=3&limit=5&%65mail=&a%20b=secret&%zz=secret");
    expect(await response.clone().text()).not.toContain("secret");
    expect(await expectProblem(response, "invalid-query", "/users")).toEqual([
      { parameter: "limit", code: "repeated-parameter", detail: "must be given once" },
      { parameter: "cursor", code: "invalid-cursor", detail: "must be a cursor that this list has answered" },
      { parameter: "offset", code: "unknown-parameter", detail: "is not a parameter of this request" },
      { parameter: "email", code: "invalid-email", detail: "must not be empty" },
      { parameter: "a b", code: "unknown-parameter", detail: "is not a parameter of this request" },
      { parameter: "%zz", code: "unknown-parameter", detail: "is not a parameter of this request" },
    ]);
  });

  test("a limit is a whole number from 1 to 100", async () => {
    const { ask } = await start();
    for (const limit of ["", "0", "101", "-1", "+5", "05", "5.0", "1e1", "0x10", "%205", "ten", "%EF%BC%95", "%zz"]) {
      await expectProblem(await ask(`/users?limit=${limit}`), "invalid-query");
    }
    for (const limit of ["1", "100"]) expect((await ask(`/users?limit=${limit}`)).status).toBe(200);
  });

  test("a cursor that was tampered with, or comes from elsewhere, is refused", async () => {
    const client = await start();
    await createMany(client, 3);
    const { next_cursor } = await json(await client.ask("/users?limit=1"));
    const cursor = String(next_cursor);
    expect(cursor).toMatch(/^[\w-]+$/);
    const tampered = Array.from(cursor, (character, n) => {
      return cursor.slice(0, n) + (character === "A" ? "B" : "A") + cursor.slice(n + 1);
    });
    const foreign = ["", "x", "AAAA", "AAAAAAAA", btoa('{"user_id":"x"}'), "%00", "1", "x".repeat(9000)];
    const altered = [cursor.slice(1), cursor.slice(0, -1), `${cursor}A`, `${cursor}=`, cursor + cursor];
    for (const wrong of [...tampered, ...foreign, ...altered]) {
      await expectProblem(await client.ask(`/users?cursor=${wrong}`), "invalid-query");
    }
    await expectProblem(await client.ask(`/users?cursor=${cursor}&email=a@b.cd`), "invalid-query");
  });

  test("an unknown parameter is refused on every route", async () => {
    const { ask, create, send, read } = await start();
    const id = await create();
    const before = await read(id);
    await expectProblem(await send("POST", "/users?x=1", {}), "invalid-query", "/users");
    await expectProblem(await ask(`/users/${id}?limit=1`), "invalid-query");
    await expectProblem(await send("PUT", `/users/${id}?x`, {}), "invalid-query");
    await expectProblem(await send("PATCH", "/users/nobody?x=1", {}), "invalid-query");
    await expectProblem(await ask(`/users/${id}?force=true`, { method: "DELETE" }), "invalid-query");
    await expectProblem(await ask("/users/nobody?x=1"), "invalid-query");
    for (const name of ["constructor", "toString", "__proto__"]) {
      await expectProblem(await ask(`/users?${name}=1`), "invalid-query");
    }
    for (const path of ["/healthz", "/readyz"]) await expectProblem(await ask(`${path}?x=1`), "invalid-query", path);
    expect(await read(id)).toEqual(before);
    expect((await ask(`/users/${id}?`)).status).toBe(200);
  });
}

async function createMany(client: Client, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await client.create());
  return ids;
}

async function pagesOf(client: Client, first: string): Promise<string[][]> {
  const pages: string[][] = [];
  let path: string | undefined = first;
  while (path !== undefined) {
    const response = await client.ask(path);
    const { users, next_cursor } = (await json(response)) as {
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
