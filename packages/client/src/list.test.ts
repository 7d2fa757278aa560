import { afterAll, beforeAll, expect, test } from "vitest";
import { createUsersClient, type Fetch, type UsersClient } from "./index.ts";
import { buildNewUser, catchApiError } from "./testing/fixtures.ts";
import { startProxy } from "./testing/start-proxy.ts";
import { startServer, type Server } from "./testing/start-server.ts";

let server: Server;
/** A client without a proxy. */
let direct: UsersClient;
let ids: string[];
beforeAll(async () => {
  server = await startServer();
  direct = createUsersClient({ baseUrl: server.url });
  const created = await Promise.all(Array.from({ length: 12 }, () => direct.create(buildNewUser())));
  ids = created.map(({ user_id }) => user_id).toSorted();
});
afterAll(() => server.stop());

test.for([1, 5, 6, 12, 100, undefined])("lists every user once with a page size of %s", async (pageSize) => {
  const { url, requests } = await startProxy(server.url);
  const users = await Array.fromAsync(createUsersClient({ baseUrl: url }).list({ pageSize }));
  expect(users.map(({ user_id }) => user_id).toSorted()).toEqual(ids);
  expect(users[0]).toEqual((await direct.get(users[0]!.user_id))!.user);
  expect(requests).toHaveLength(Math.ceil(12 / (pageSize ?? 50)));
});

test("iterates over pages and continues after the cursor of any of them", async () => {
  const pages = await Array.fromAsync(direct.pages({ pageSize: 5 }));
  expect(pages.map(({ users }) => users.length)).toEqual([5, 5, 2]);
  expect(pages.at(-1)!.next_cursor).toBeNull();
  const cursor = pages[0]!.next_cursor!;
  expect(await Array.fromAsync(direct.pages({ pageSize: 5, cursor }))).toEqual(pages.slice(1));
  expect(await Array.fromAsync(direct.list({ pageSize: 1, cursor }))).toEqual(
    pages.slice(1).flatMap(({ users }) => users),
  );
});

test("lists the users with a status, and keeps the status and the view on every page", async () => {
  const { url, requests } = await startProxy(server.url);
  const client = createUsersClient({ baseUrl: url });
  const suspendedIds = ids.slice(3, 6);
  for (const id of suspendedIds) await direct.update(id, { status: "suspended" });
  const suspended = await Array.fromAsync(client.list({ status: "suspended", view: "full", pageSize: 1 }));
  expect(suspended.map(({ user_id }) => user_id).toSorted()).toEqual(suspendedIds);
  for (const user of suspended) expect(user).toMatchObject({ status: "suspended", version: 2 });
  expect(requests.length).toBeGreaterThanOrEqual(3);
  for (const { path } of requests) expect(path).toMatch(/^\/users\?limit=1&status=suspended&view=full(?:&cursor=|$)/);
  const active = await Array.fromAsync(client.list({ status: "active" }));
  expect(active.map(({ user_id }) => user_id).toSorted()).toEqual(ids.filter((id) => !suspendedIds.includes(id)));
  for (const id of suspendedIds) await direct.update(id, { status: null });
});

test("continues after an empty page, as a list with a status may have one", async () => {
  const { url, enqueue } = await startProxy();
  const pages = ['{"users":[],"next_cursor":"a"}', '{"users":[{"user_id":"1"}],"next_cursor":null}'];
  enqueue(...pages.map((body) => ({ status: 200, headers: { "content-type": "application/json" }, body })));
  const client = createUsersClient({ baseUrl: url });
  expect(await Array.fromAsync(client.list({ status: "suspended" }))).toEqual([{ user_id: "1" }]);
});

test("requests a page only when the iteration reaches it", async () => {
  const { url, requests } = await startProxy(server.url);
  const client = createUsersClient({ baseUrl: url });
  const list = client.list({ pageSize: 3 });
  expect(requests).toHaveLength(0);
  let count = 0;
  for await (const user of list) {
    expect(ids).toContain(user.user_id);
    count += 1;
    expect(requests).toHaveLength(Math.ceil(count / 3));
    if (count === 5) break;
  }
  for await (const page of client.pages({ pageSize: 3 })) {
    expect(page.users).toHaveLength(3);
    break;
  }
  expect(await list.next()).toEqual({ done: true, value: undefined });
  expect(requests.map(({ path }) => path.replace(/cursor=.*/, "cursor"))).toEqual([
    "/users?limit=3",
    "/users?limit=3&cursor",
    "/users?limit=3",
  ]);
});

test("retries pages that fail", async () => {
  const { url, enqueue } = await startProxy(server.url);
  enqueue("reset", "forward", "forward, then truncate", { status: 502 }, "forward", "forward, then reset");
  const users = await Array.fromAsync(createUsersClient({ baseUrl: url }).list({ pageSize: 4 }));
  expect(users.map(({ user_id }) => user_id).toSorted()).toEqual(ids);
});

test("stops in the middle of a page if the signal aborts", async () => {
  const { url, requests } = await startProxy(server.url);
  const controller = new AbortController();
  const reason = new Error("the caller's reason");
  const listedIds: string[] = [];
  const iterate = async (): Promise<void> => {
    for await (const { user_id } of createUsersClient({ baseUrl: url }).list({ signal: controller.signal })) {
      if (listedIds.push(user_id) === 5) controller.abort(reason);
    }
  };
  await expect(iterate()).rejects.toBe(reason);
  expect(listedIds).toHaveLength(5);
  expect(requests).toHaveLength(1);
});

test.for([
  ["without users", { next_cursor: null }],
  ["with users that are not an array", { users: {}, next_cursor: null }],
  ["without next_cursor", { users: [] }],
  ["with a next_cursor that is not a string", { users: [], next_cursor: 1 }],
] as const)("rejects a page %s", async ([, page]) => {
  const { url, requests, enqueue } = await startProxy();
  enqueue({ status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(page) });
  const error = await catchApiError(createUsersClient({ baseUrl: url }).list().next());
  expect(error).toMatchObject({ type: "unexpected-response", status: 200 });
  expect(requests).toHaveLength(1);
});

test.for([
  ["an empty string", ""],
  ["null", null],
  ["a lone surrogate", "\ud800"],
] as const)("rejects %s as a cursor without sending a request", async ([, cursor]) => {
  const { url, requests } = await startProxy(server.url);
  const client = createUsersClient({ baseUrl: url });
  await expect(client.list({ cursor: cursor as string }).next()).rejects.toThrow(TypeError);
  await expect(client.pages({ cursor: cursor as string }).next()).rejects.toThrow(/^cursor must be/);
  expect(requests).toEqual([]);
});

interface CursorWalk {
  readonly client: UsersClient;
  /** The cursor of every request; the first request has none. */
  readonly sentCursors: (string | null)[];
}

/** More requests than any of these walks may send. A walk that does not detect its cycle ends there. */
const MAX_WALK_REQUESTS = 2_000;

/** Creates a client for a service of `count` pages with one user each, whose last page has this `next_cursor`. */
function createWalk(count: number, lastCursor: string | null): CursorWalk {
  const sentCursors: (string | null)[] = [];
  const fetch: Fetch = async (url) => {
    const cursor = new URL(url).searchParams.get("cursor");
    sentCursors.push(cursor);
    const next = Number(cursor) + 1;
    const next_cursor = next === count ? lastCursor : String(next);
    return Response.json({
      users: [{ user_id: String(cursor) }],
      next_cursor: sentCursors.length < MAX_WALK_REQUESTS ? next_cursor : null,
    });
  };
  return { client: createUsersClient({ baseUrl: "http://users.example", fetch }), sentCursors };
}

const repeatedCursorError = {
  name: "ApiError",
  type: "unexpected-response",
  status: 200,
  message: "The response has a next_cursor that was already followed.",
};

test.for([2, 3, 10, 65])("rejects the last of %d pages at once if it leads back to itself", async (count) => {
  const { client, sentCursors } = createWalk(count, String(count - 1));
  const listedIds: string[] = [];
  const iterate = async (): Promise<void> => {
    for await (const { user_id } of client.list()) listedIds.push(user_id);
  };
  await expect(iterate()).rejects.toMatchObject(repeatedCursorError);
  expect(listedIds).toEqual(sentCursors.slice(0, -1).map(String));
  expect(sentCursors).toHaveLength(count);
});

test("rejects the first page if its next_cursor is the cursor option", async () => {
  const { client, sentCursors } = createWalk(8, "7");
  expect(await catchApiError(client.pages({ cursor: "7" }).next())).toMatchObject(repeatedCursorError);
  expect(sentCursors).toEqual(["7"]);
});

test.for([
  [3, 1],
  [4, 2],
  [10, 1],
  [10, 9],
  [64, 1],
  [65, 2],
  [100, 50],
  [500, 1],
  [500, 300],
] as const)("detects that the last of %d pages leads back to cursor %d", async ([count, target]) => {
  const { client, sentCursors } = createWalk(count, String(target));
  await expect(Array.fromAsync(client.pages())).rejects.toMatchObject(repeatedCursorError);
  expect(sentCursors.length).toBeGreaterThanOrEqual(count);
  expect(sentCursors.length).toBeLessThanOrEqual(3 * count);
});

test("detects a cycle that includes the cursor option", async () => {
  const { client, sentCursors } = createWalk(6, "3");
  await expect(Array.fromAsync(client.pages({ cursor: "3" }))).rejects.toMatchObject(repeatedCursorError);
  expect(sentCursors).toEqual(["3", "4", "5", "3", "4", "5"]);
});

test("follows many cursors that differ", async () => {
  const { client, sentCursors } = createWalk(1_500, null);
  expect(await Array.fromAsync(client.list())).toHaveLength(1_500);
  expect(new Set(sentCursors).size).toBe(1_500);
});
