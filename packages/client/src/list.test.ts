import { afterAll, beforeAll, expect, test } from "vitest";
import { createUsersClient, type UsersClient } from "./index.ts";
import { errorOf } from "./testing/error-of.ts";
import { newUser } from "./testing/new-user.ts";
import { startProxy } from "./testing/start-proxy.ts";
import { startServer, type Server } from "./testing/start-server.ts";

let server: Server;
let direct: UsersClient;
let ids: string[];
beforeAll(async () => {
  server = await startServer();
  direct = createUsersClient({ baseUrl: server.url });
  const created = await Promise.all(Array.from({ length: 12 }, () => direct.create(newUser())));
  ids = created.map(({ user_id }) => user_id).toSorted();
});
afterAll(() => server.stop());

test.for([1, 5, 6, 12, 100, undefined])("a list has every user once, asked for %s at a time", async (pageSize) => {
  const { url, calls } = await startProxy(server.url);
  const users = await Array.fromAsync(createUsersClient({ baseUrl: url }).list({ pageSize }));
  expect(users.map(({ user_id }) => user_id).toSorted()).toEqual(ids);
  expect(users[0]).toEqual((await direct.get(users[0]!.user_id))!.user);
  expect(calls).toHaveLength(Math.ceil(12 / (pageSize ?? 50)));
});

test("pages come one by one, and each knows where the next one begins", async () => {
  const pages = await Array.fromAsync(direct.pages({ pageSize: 5 }));
  expect(pages.map(({ users }) => users.length)).toEqual([5, 5, 2]);
  expect(pages.at(-1)!.next_cursor).toBeNull();
  const cursor = pages[0]!.next_cursor!;
  expect(await Array.fromAsync(direct.pages({ pageSize: 5, cursor }))).toEqual(pages.slice(1));
  expect(await Array.fromAsync(direct.list({ pageSize: 1, cursor }))).toEqual(
    pages.slice(1).flatMap(({ users }) => users),
  );
});

test("nothing is asked for before it is needed, or when the loop has been left", async () => {
  const { url, calls } = await startProxy(server.url);
  const client = createUsersClient({ baseUrl: url });
  const all = client.list({ pageSize: 3 });
  expect(calls).toHaveLength(0);
  let seen = 0;
  for await (const user of all) {
    expect(ids).toContain(user.user_id);
    seen += 1;
    expect(calls).toHaveLength(Math.ceil(seen / 3));
    if (seen === 5) break;
  }
  for await (const page of client.pages({ pageSize: 3 })) {
    expect(page.users).toHaveLength(3);
    break;
  }
  expect(await all.next()).toEqual({ done: true, value: undefined });
  expect(calls.map(({ path }) => path.replace(/cursor=.*/, "cursor"))).toEqual([
    "/users?limit=3",
    "/users?limit=3&cursor",
    "/users?limit=3",
  ]);
});

test("a list goes on after what happens to its pages", async () => {
  const { url, expect: expectFates } = await startProxy(server.url);
  expectFates("reset", "pass", "done, then cut off", { status: 502 }, "pass", "done, then reset");
  const users = await Array.fromAsync(createUsersClient({ baseUrl: url }).list({ pageSize: 4 }));
  expect(users.map(({ user_id }) => user_id).toSorted()).toEqual(ids);
});

test("a signal ends a list, also in the middle of a page", async () => {
  const { url, calls } = await startProxy(server.url);
  const controller = new AbortController();
  const reason = new Error("the caller's reason");
  const seen: string[] = [];
  const loop = async (): Promise<void> => {
    for await (const { user_id } of createUsersClient({ baseUrl: url }).list({ signal: controller.signal })) {
      if (seen.push(user_id) === 5) controller.abort(reason);
    }
  };
  await expect(loop()).rejects.toBe(reason);
  expect(seen).toHaveLength(5);
  expect(calls).toHaveLength(1);
});

test.for([
  ["no users", { next_cursor: null }],
  ["users that are no list", { users: {}, next_cursor: null }],
  ["no next_cursor", { users: [] }],
  ["a next_cursor that is no string", { users: [], next_cursor: 1 }],
] as const)("a page with %s is no answer of this API, and ends a list", async ([, page]) => {
  const { url, calls, expect: expectFates } = await startProxy();
  expectFates({ status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(page) });
  const error = await errorOf(createUsersClient({ baseUrl: url }).list().next());
  expect(error).toMatchObject({ type: "unexpected-answer", status: 200 });
  expect(calls).toHaveLength(1);
});

test.for([
  ["an empty one", ""],
  ["null", null],
  ["half of a character", "\ud800"],
] as const)("a cursor that cannot be is refused, not taken for the beginning: %s", async ([, cursor]) => {
  const { url, calls } = await startProxy(server.url);
  const client = createUsersClient({ baseUrl: url });
  await expect(client.list({ cursor: cursor as string }).next()).rejects.toThrow(TypeError);
  await expect(client.pages({ cursor: cursor as string }).next()).rejects.toThrow(/^cursor must be/);
  expect(calls).toEqual([]);
});
