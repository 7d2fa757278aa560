import { spawn } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createUsersClient, type Fetch, type UsersClient } from "./index.ts";
import { buildNewUser, catchApiError } from "./testing/fixtures.ts";
import { startProxiedClient, type Behavior } from "./testing/start-proxy.ts";
import { startServer, type Server } from "./testing/start-server.ts";

let server: Server;
/** A client without a proxy. */
let direct: UsersClient;
beforeAll(async () => {
  server = await startServer();
  direct = createUsersClient({ baseUrl: server.url });
});
afterAll(() => server.stop());

const fetchWithoutSignal: Fetch = (url, init) => fetch(url, { ...init, signal: null });

test.for([
  ["there is no response", "hang", {}],
  ["the response stalls", "forward, then stall", {}],
  ["there is no response and fetch ignores the signal", "hang", { fetch: fetchWithoutSignal }],
  ["the response stalls and fetch ignores the signal", "forward, then stall", { fetch: fetchWithoutSignal }],
] as const)("rejects on the timeout if %s", async ([, behavior, options]) => {
  const { users } = await startProxiedClient(server.url, [behavior], { timeout: 100, retries: 0, ...options });
  const error = await catchApiError(users.pages().next());
  expect(error).toMatchObject({ type: "network-error", cause: { name: "TimeoutError" } });
  expect(error.message).toBe("There was no complete response within 100 ms.");
});

test("waits for the whole timeout, and not longer", async () => {
  const { users, requests } = await startProxiedClient(server.url, ["hang"], { timeout: 1_000, retries: 0 });
  const startedAt = performance.now();
  await catchApiError(users.get("id"));
  const durationMs = performance.now() - startedAt;
  expect(durationMs).toBeGreaterThanOrEqual(999); // Timers count whole milliseconds.
  expect(durationMs).toBeLessThan(1_900);
  expect(requests).toHaveLength(1);
});

test("sends nothing if the signal has already aborted", async () => {
  const { users, requests } = await startProxiedClient(server.url, []);
  const reason = new Error("the caller's reason");
  const signal = AbortSignal.abort(reason);
  for (const promise of [
    users.create(buildNewUser(), { signal }),
    users.get("id", { signal }),
    users.update("id", {}, { signal }),
    users.delete("id", { signal }),
    users.findByEmail("john@example.com", { signal }),
    users.findByExternalId("42", { signal }),
    users.list({ signal }).next(),
    users.pages({ signal }).next(),
  ]) {
    await expect(promise).rejects.toBe(reason);
  }
  expect(requests).toEqual([]);
});

test("sends nothing if the signal aborts in the same turn and fetch ignores it", async () => {
  const { users, requests } = await startProxiedClient(server.url, [], { fetch: fetchWithoutSignal });
  const { user_id } = await direct.create(buildNewUser());
  const controller = new AbortController();
  const deletion = users.delete(user_id, { signal: controller.signal });
  controller.abort("stop");
  await expect(deletion).rejects.toBe("stop");
  expect(await users.get(user_id)).toMatchObject({ user: { user_id } });
  expect(requests.map(({ method }) => method)).toEqual(["GET"]);
});

test.for<[label: string, behavior: Behavior]>([
  ["before the response", "hang"],
  ["in the middle of the response", "forward, then stall"],
  ["in the wait before a retry", { status: 503, headers: { "Retry-After": "20" } }],
])("rejects at once if the signal aborts %s", async ([, behavior]) => {
  const { url, users, requests } = await startProxiedClient(server.url, [behavior], { timeout: 60_000 });
  const controller = new AbortController();
  const reason = { from: "the caller" };
  const promise = users.get("id", { signal: controller.signal });
  await expect.poll(() => requests.length).toBe(1);
  await fetch(`${url}/healthz`); // When this response has arrived, the part sent of the first one has arrived too.
  const abortedAt = performance.now();
  controller.abort(reason);
  await expect(promise).rejects.toBe(reason);
  expect(performance.now() - abortedAt).toBeLessThan(1_000);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  expect(requests).toHaveLength(2);
});

test("releases the connection on the timeout and on abort", async () => {
  const { users, requests } = await startProxiedClient(server.url, ["hang", "hang"], { retries: 0 });
  await catchApiError(users.get("id"));
  await requests[0]!.closed;
  const controller = new AbortController();
  const promise = users.get("id", { signal: controller.signal });
  await expect.poll(() => requests.length).toBe(2);
  controller.abort("stop");
  await expect(promise).rejects.toBe("stop");
  await requests[1]!.closed;
});

test("releases the connection of a stalled response on the timeout if fetch ignores the signal", async () => {
  const options = { timeout: 100, retries: 0, fetch: fetchWithoutSignal };
  const { users, requests } = await startProxiedClient(server.url, ["forward, then stall"], options);
  await catchApiError(users.get("id"));
  await requests[0]!.closed;
});

test("releases the connection of a late response if fetch ignores the signal", async () => {
  const { promise: timedOut, resolve: respond } = Promise.withResolvers<void>();
  const lateFetch: Fetch = async (...args) => {
    const response = await fetchWithoutSignal(...args);
    await timedOut;
    return response;
  };
  const options = { timeout: 100, retries: 0, fetch: lateFetch };
  const { users, requests } = await startProxiedClient(server.url, ["forward, then stall"], options);
  await catchApiError(users.get("id"));
  respond();
  await requests[0]!.closed;
});

test("leaves no listeners on the signal", async () => {
  const { users } = await startProxiedClient(server.url, ["reset", "forward", "reset"]);
  const { signal } = new AbortController();
  const { user_id } = await users.create(buildNewUser(), { signal });
  await users.get(user_id, { signal });
  await catchApiError(users.update("unknown", { lastname: "Roe" }, { signal }));
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("leaves no timer or connection that keeps a process running", async () => {
  const behavior = { status: 503, headers: { "Retry-After": "20" } };
  const { url, requests } = await startProxiedClient(server.url, [behavior]);
  const script = `
    import { createUsersClient } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
    const users = createUsersClient({ baseUrl: "${url}", timeout: 60_000 });
    const controller = new AbortController();
    const aborted = users.get("id", { signal: controller.signal }).catch((reason) => reason);
    setTimeout(() => controller.abort("stop"), 500);
    console.log(await aborted, await users.get("id"));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { timeout: 10_000 });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  expect(output).toBe("stop undefined\n");
  expect(code).toBe(0);
  expect(requests).toHaveLength(2);
});
