import { spawn } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, onTestFinished, test, vi, type TestContext } from "vitest";
import { createUsersClient, type Fetch, type UsersClient, type UsersClientOptions } from "./index.ts";
import { errorOf } from "./testing/error-of.ts";
import { newUser } from "./testing/new-user.ts";
import { startProxy, type Fate, type Proxy } from "./testing/start-proxy.ts";
import { startServer, type Server } from "./testing/start-server.ts";

let server: Server;
/** The service with nothing in between. */
let direct: UsersClient;
beforeAll(async () => {
  server = await startServer();
  direct = createUsersClient({ baseUrl: server.url });
});
afterAll(() => server.stop());

interface Way extends Omit<Proxy, "expect"> {
  readonly users: UsersClient;
}

/** A client whose first requests meet these fates. */
async function meeting(
  fates: Fate[],
  { onFinished, ...options }: Partial<UsersClientOptions> & { onFinished?: TestContext["onTestFinished"] } = {},
): Promise<Way> {
  const { url, calls, expect: expectFates } = await startProxy(server.url, onFinished);
  expectFates(...fates);
  return { url, calls, users: createUsersClient({ baseUrl: url, timeout: 1_000, ...options }) };
}

function unavailable(headers: Record<string, string> = {}): Fate {
  const type = "urn:user-management:problem:store-unavailable";
  const problem = { type, title: "Store unavailable", status: 503, detail: "told in a test" };
  return {
    status: 503,
    headers: { "content-type": "application/problem+json", ...headers },
    body: JSON.stringify(problem),
  };
}

const passing: [what: string, fate: Fate][] = [
  ["a connection that is reset", "reset"],
  ["no answer in time", "hang"],
  ["an answer that was lost", "done, then reset"],
  ["an answer that is late", "done, then hang"],
  ["an answer that is cut off", "done, then cut off"],
  ["an answer that stops half-way", "done, then stall"],
  ["a store that is unavailable", unavailable()],
  ["a bad gateway", { status: 502, headers: { "content-type": "text/html" }, body: "<html></html>" }],
  ["a gateway that says unavailable", { status: 503, body: "" }],
  ["a gateway's timeout", { status: 504, headers: { "content-type": "application/json" }, body: "{}" }],
];

test.concurrent.for(passing)("a read goes on after %s", async ([, fate], { onTestFinished: onFinished }) => {
  const { user_id, etag } = await direct.create(newUser());
  const { users, calls } = await meeting([fate], { onFinished });
  expect(await users.get(user_id)).toMatchObject({ user: { user_id }, etag });
  expect(calls).toHaveLength(2);
});

test.concurrent.for(passing)(
  "a create makes one user after %s, by one key and one body",
  async ([, fate], { onTestFinished: onFinished }) => {
    const { users, calls } = await meeting([fate], { onFinished });
    const user = newUser();
    const creating = users.create(user);
    const sent = JSON.stringify(user);
    user.lastname = "Changed by the caller meanwhile";
    const { user_id, etag } = await creating;
    expect(calls.map(({ body }) => body)).toEqual([sent, sent]);
    expect(new Set(calls.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    expect(await direct.get(user_id)).toEqual({ user: { user_id, ...JSON.parse(sent) }, etag });
  },
);

test.concurrent.for(passing)(
  "a change is made after %s, by one body",
  async ([, fate], { onTestFinished: onFinished }) => {
    const { user_id } = await direct.create(newUser());
    const { users, calls } = await meeting([fate], { onFinished });
    const { etag } = await users.update(user_id, { lastname: "Roe", email: `${user_id}@example.com` });
    expect(new Set(calls.map(({ body }) => body)).size).toBe(1);
    expect(await direct.get(user_id)).toMatchObject({ user: { lastname: "Roe" }, etag });
    expect(calls).toHaveLength(2);
  },
);

test.concurrent.for(passing)("a delete is done after %s", async ([, fate], { onTestFinished: onFinished }) => {
  const { user_id } = await direct.create(newUser());
  const { users, calls } = await meeting([fate], { onFinished });
  await users.delete(user_id);
  expect(await direct.get(user_id)).toBeUndefined();
  expect(calls).toHaveLength(2);
});

test("a delete finds nobody: that is told, unless an attempt before may have been what deleted", async () => {
  const { users, calls } = await meeting(["pass", "reset", unavailable(), "pass"]);
  expect(await errorOf(users.delete("nobody"))).toMatchObject({ type: "not-found" });
  expect(calls).toHaveLength(1);
  expect(await users.delete("nobody")).toBeUndefined();
  expect(calls).toHaveLength(4);
});

test.concurrent.for(passing)(
  "a write on a condition is not repeated after %s",
  async ([, fate], { onTestFinished: onFinished }) => {
    const { user_id, etag } = await direct.create(newUser());
    const { users, calls } = await meeting([fate, fate], { onFinished });
    const first = await errorOf(users.update(user_id, { lastname: "Roe" }, { ifMatch: etag }));
    expect(first.type).toMatch(/^(no-answer|unexpected-answer|store-unavailable)$/);
    const now = (await direct.get(user_id))!.etag;
    const second = await errorOf(users.delete(user_id, { ifMatch: now }));
    expect(second.type).toBe(first.type);
    expect(calls).toHaveLength(2);
  },
);

test.for([400, 401, 403, 404, 408, 409, 412, 413, 422, 429, 431, 500, 501])("a %d is final", async (status) => {
  const { users, calls } = await meeting(Array.from({ length: 4 }, () => ({ status })));
  const all = [users.get("id"), users.create(newUser()), users.update("id", {}), users.delete("id")];
  for (const error of await Promise.all(all.map(errorOf))) expect(error).toMatchObject({ status });
  expect(calls).toHaveLength(4);
});

test("after three repeats the last problem is told", async () => {
  const { users, calls } = await meeting(["reset", "hang", { status: 502 }, unavailable(), "pass"]);
  expect(await errorOf(users.get("id"))).toMatchObject({
    type: "store-unavailable",
    message: "Store unavailable: told in a test",
  });
  expect(calls).toHaveLength(4);
});

test.for([0, 1, 2])("%d repeats are made when that is the option", async (retries) => {
  const { users, calls } = await meeting(Array(5).fill("reset"), { retries });
  expect(await errorOf(users.get("id"))).toMatchObject({ type: "no-answer" });
  expect(calls).toHaveLength(retries + 1);
});

test("a server that is not there is told with what the platform says", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, "close");
  const users = createUsersClient({ baseUrl: `http://127.0.0.1:${port}`, retries: 1 });
  const error = await errorOf(users.get("id"));
  expect(error).toMatchObject({ type: "no-answer", status: undefined, problem: undefined, errors: [] });
  expect(error.message).toMatch(/^GET \/users\/id got no answer: TypeError: /);
  expect(error.cause).toMatchObject({ name: "TypeError", cause: { code: "ECONNREFUSED" } });
});

const deaf: Fetch = (url, init) => fetch(url, { ...init, signal: null });

test("time that is up is told as such, also where fetch knows no signal", async () => {
  for (const options of [{}, { fetch: deaf }]) {
    for (const fate of ["hang", "done, then stall"] as const) {
      const { users } = await meeting([fate], { timeout: 100, retries: 0, ...options });
      const error = await errorOf(users.pages().next());
      expect(error).toMatchObject({ type: "no-answer", cause: { name: "TimeoutError" } });
      expect(error.message).toContain("There was no answer within 100 ms.");
    }
  }
});

test("an attempt may take the timeout, and no more", async () => {
  const { users, calls } = await meeting(["hang"], { timeout: 1_000, retries: 0 });
  const before = performance.now();
  await errorOf(users.get("id"));
  const took = performance.now() - before;
  expect(took).toBeGreaterThanOrEqual(999); // A timer counts in whole milliseconds.
  expect(took).toBeLessThan(1_900);
  expect(calls).toHaveLength(1);
});

/** How long the client has waited before each repeat, in milliseconds. */
function waitsOf({ calls }: Pick<Way, "calls">): number[] {
  return calls.slice(1).map(({ at }, n) => at - calls[n]!.at);
}

test.for([
  ["1", 1_000],
  [() => new Date(Date.now() + 2_000).toUTCString(), 900], // in whole seconds: between 1 and 2 of them
  ["0", 0],
  [() => new Date(0).toUTCString(), 0],
  ["soon", 0],
] as const)("Retry-After is waited for: %s", async ([retryAfter, least]) => {
  const value = typeof retryAfter === "string" ? retryAfter : retryAfter();
  const way = await meeting([unavailable({ "Retry-After": value })]);
  await way.users.get("id");
  const [wait] = waitsOf(way);
  expect(wait).toBeGreaterThanOrEqual(least);
  expect(wait).toBeLessThan(least + 2_000);
});

test("a Retry-After of 30 seconds is waited for, a longer one is the caller's to wait for", async () => {
  const { users, calls } = await meeting([unavailable({ "Retry-After": "30" }), unavailable({ "Retry-After": "31" })]);
  const controller = new AbortController();
  const waiting = users.get("id", { signal: controller.signal });
  await expect.poll(() => calls.length).toBe(1);
  expect(await errorOf(users.get("id"))).toMatchObject({ type: "store-unavailable", retryAfter: 31 });
  controller.abort("enough"); // By now the first would have been told as well.
  await expect(waiting).rejects.toBe("enough");
  expect(calls).toHaveLength(2);
});

test("the waits between attempts double, up to a part of 5 seconds", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.1);
  onTestFinished(() => void vi.restoreAllMocks());
  const way = await meeting(Array(7).fill(unavailable()), { retries: 7 });
  await way.users.get("id");
  const waits = waitsOf(way);
  for (const [n, least] of [25, 50, 100, 200, 400, 500, 500].entries()) {
    expect(waits[n]).toBeGreaterThanOrEqual(least - 1); // A timer counts in whole milliseconds.
  }
  expect(waits[6]).toBeLessThan(1_500);
});

test("who fail together do not come back together", async () => {
  const waits = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const way = await meeting([{ status: 503 }]);
      await way.users.get("id");
      return waitsOf(way)[0]!;
    }),
  );
  expect(Math.min(...waits)).toBeLessThan(125);
  expect(Math.max(...waits)).toBeGreaterThan(125);
});

test("a signal that has aborted sends nothing", async () => {
  const { users, calls } = await meeting([]);
  const reason = new Error("the caller's reason");
  const signal = AbortSignal.abort(reason);
  for (const work of [
    users.create(newUser(), { signal }),
    users.get("id", { signal }),
    users.update("id", {}, { signal }),
    users.delete("id", { signal }),
    users.findByEmail("john@example.com", { signal }),
    users.list({ signal }).next(),
    users.pages({ signal }).next(),
  ]) {
    await expect(work).rejects.toBe(reason);
  }
  expect(calls).toEqual([]);
});

test("a signal that aborts in the same turn sends nothing, also where fetch knows no signal", async () => {
  const { users, calls } = await meeting([], { fetch: deaf });
  const { user_id } = await direct.create(newUser());
  const controller = new AbortController();
  const work = users.delete(user_id, { signal: controller.signal });
  controller.abort("enough");
  await expect(work).rejects.toBe("enough");
  expect(await users.get(user_id)).toMatchObject({ user: { user_id } });
  expect(calls.map(({ method }) => method)).toEqual(["GET"]);
});

test.for<[when: string, fate: Fate]>([
  ["while there is no answer", "hang"],
  ["while half of an answer is there", "done, then stall"],
  ["while it waits for its next attempt", { status: 503, headers: { "Retry-After": "20" } }],
])("a signal ends a request at once, %s", async ([, fate]) => {
  const { url, users, calls } = await meeting([fate], { timeout: 60_000 });
  const controller = new AbortController();
  const reason = { of: "the caller" };
  const work = users.get("id", { signal: controller.signal });
  await expect.poll(() => calls.length).toBe(1);
  await fetch(url); // By now its answer has come, as far as it will.
  const before = performance.now();
  controller.abort(reason);
  await expect(work).rejects.toBe(reason);
  expect(performance.now() - before).toBeLessThan(1_000);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  expect(calls).toHaveLength(2);
});

test("a request that is given up gives its connection up", async () => {
  const { users, calls } = await meeting(["hang", "hang"], { retries: 0 });
  await errorOf(users.get("id"));
  await calls[0]!.over;
  const controller = new AbortController();
  const work = users.get("id", { signal: controller.signal });
  await expect.poll(() => calls.length).toBe(2);
  controller.abort("enough");
  await expect(work).rejects.toBe("enough");
  await calls[1]!.over;
});

test("a signal is left as it was", async () => {
  const { users } = await meeting(["reset", "pass", "reset"]);
  const { signal } = new AbortController();
  const { user_id } = await users.create(newUser(), { signal });
  await users.get(user_id, { signal });
  await errorOf(users.update("nobody", { lastname: "Roe" }, { signal }));
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("nothing of a request that is over keeps a process from ending", async () => {
  const { url, calls } = await meeting([{ status: 503, headers: { "Retry-After": "20" } }]);
  const script = `
    import { createUsersClient } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
    const users = createUsersClient({ baseUrl: "${url}", timeout: 60_000 });
    const controller = new AbortController();
    const work = users.get("id", { signal: controller.signal }).catch((reason) => reason);
    setTimeout(() => controller.abort("enough"), 500);
    console.log(await work, await users.get("id"));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { timeout: 10_000 });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  expect(said).toBe("enough undefined\n");
  expect(code).toBe(0);
  expect(calls).toHaveLength(2);
});
