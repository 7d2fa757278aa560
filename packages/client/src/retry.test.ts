import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createUsersClient, type UsersClient } from "./index.ts";
import { buildNewUser, catchApiError } from "./testing/fixtures.ts";
import { startProxiedClient, type Behavior, type ReceivedRequest } from "./testing/start-proxy.ts";
import { startServer, type Server } from "./testing/start-server.ts";

let server: Server;
/** A client without a proxy. */
let direct: UsersClient;
beforeAll(async () => {
  server = await startServer();
  direct = createUsersClient({ baseUrl: server.url });
});
afterAll(() => server.stop());

function storeUnavailable(headers: Record<string, string> = {}): Behavior {
  const type = "urn:user-management:problem:store-unavailable";
  const problem = { type, title: "Store unavailable", status: 503, detail: "injected by a test" };
  return {
    status: 503,
    headers: { "content-type": "application/problem+json", ...headers },
    body: JSON.stringify(problem),
  };
}

const transientFailures: [label: string, behavior: Behavior][] = [
  ["a connection reset", "reset"],
  ["a request without a response", "hang"],
  ["a lost response", "forward, then reset"],
  ["a late response", "forward, then hang"],
  ["a truncated response", "forward, then truncate"],
  ["a stalled response", "forward, then stall"],
  ["a problem store-unavailable", storeUnavailable()],
  ["a gateway's 502", { status: 502, headers: { "content-type": "text/html" }, body: "<html></html>" }],
  ["a gateway's 503", { status: 503, body: "" }],
  ["a gateway's 504", { status: 504, headers: { "content-type": "application/json" }, body: "{}" }],
];

test.concurrent.for(transientFailures)(
  "retries a read after %s",
  async ([, failure], { onTestFinished: onFinished }) => {
    const { user_id, etag } = await direct.create(buildNewUser());
    const { users, requests } = await startProxiedClient(server.url, [failure], { onFinished });
    expect(await users.get(user_id)).toMatchObject({ user: { user_id }, etag });
    expect(requests).toHaveLength(2);
  },
);

test.concurrent.for(transientFailures)(
  "retries a create after %s with the same key and body, and creates one user",
  async ([, failure], { onTestFinished: onFinished }) => {
    const { users, requests } = await startProxiedClient(server.url, [failure], { onFinished });
    const metadata = { a: "1" };
    const user = buildNewUser({ metadata });
    const creation = users.create(user);
    const sent = JSON.stringify(user);
    user.lastname = "Modified by the caller";
    metadata.a = "Modified by the caller";
    const { user_id, etag } = await creation;
    expect(requests.map(({ body }) => body)).toEqual([sent, sent]);
    expect(new Set(requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    expect(await direct.get(user_id)).toEqual({ user: { user_id, ...JSON.parse(sent) }, etag });
  },
);

test.concurrent.for(transientFailures)(
  "retries an update after %s with the same body",
  async ([, failure], { onTestFinished: onFinished }) => {
    const { user_id } = await direct.create(buildNewUser());
    const { users, requests } = await startProxiedClient(server.url, [failure], { onFinished });
    const { etag } = await users.update(user_id, { lastname: "Roe", email: `${user_id}@example.com` });
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
    expect(await direct.get(user_id)).toMatchObject({ user: { lastname: "Roe" }, etag });
    expect(requests).toHaveLength(2);
  },
);

test.concurrent.for(transientFailures)(
  "retries a delete after %s",
  async ([, failure], { onTestFinished: onFinished }) => {
    const { user_id } = await direct.create(buildNewUser());
    const { users, requests } = await startProxiedClient(server.url, [failure], { onFinished });
    await users.delete(user_id);
    expect(await direct.get(user_id)).toBeUndefined();
    expect(requests).toHaveLength(2);
  },
);

test("rejects a delete with not-found in the first attempt, and resolves it in a retry", async () => {
  const { users, requests } = await startProxiedClient(server.url, ["forward", "reset", storeUnavailable(), "forward"]);
  expect(await catchApiError(users.delete("unknown"))).toMatchObject({ type: "not-found" });
  expect(requests).toHaveLength(1);
  expect(await users.delete("unknown")).toBeUndefined();
  expect(requests).toHaveLength(4);
});

test.concurrent.for(transientFailures)(
  "does not retry a conditional write after %s",
  async ([, failure], { onTestFinished: onFinished }) => {
    const { user_id, etag } = await direct.create(buildNewUser());
    const { users, requests } = await startProxiedClient(server.url, [failure, failure], { onFinished });
    const updateError = await catchApiError(users.update(user_id, { lastname: "Roe" }, { ifMatch: etag }));
    expect(updateError.type).toMatch(/^(network-error|unexpected-response|store-unavailable)$/);
    const current = (await direct.get(user_id))!;
    const deleteError = await catchApiError(users.delete(user_id, { ifMatch: current.etag }));
    expect(deleteError.type).toBe(updateError.type);
    expect(requests).toHaveLength(2);
  },
);

test.for([400, 401, 403, 404, 408, 409, 412, 413, 422, 429, 431, 500, 501])("does not retry a %d", async (status) => {
  const { users, requests } = await startProxiedClient(
    server.url,
    Array.from({ length: 4 }, () => ({ status })),
  );
  const calls = [users.get("id"), users.create(buildNewUser()), users.update("id", {}), users.delete("id")];
  for (const error of await Promise.all(calls.map(catchApiError))) expect(error).toMatchObject({ status });
  expect(requests).toHaveLength(4);
});

test("rejects with the last error after three retries", async () => {
  const behaviors: Behavior[] = ["reset", "hang", { status: 502 }, storeUnavailable(), "forward"];
  const { users, requests } = await startProxiedClient(server.url, behaviors);
  expect(await catchApiError(users.get("id"))).toMatchObject({
    type: "store-unavailable",
    message: "Store unavailable: injected by a test",
  });
  expect(requests).toHaveLength(4);
});

test.for([0, 1, 2])("makes %d retries if the option is set so", async (retries) => {
  const { users, requests } = await startProxiedClient(server.url, Array(5).fill("reset"), { retries });
  expect(await catchApiError(users.get("id"))).toMatchObject({ type: "network-error" });
  expect(requests).toHaveLength(retries + 1);
});

test("reports the platform's error as the cause if no server listens", async () => {
  const closedServer = createServer().listen(0, "127.0.0.1");
  await once(closedServer, "listening");
  const { port } = closedServer.address() as AddressInfo;
  closedServer.close();
  await once(closedServer, "close");
  const users = createUsersClient({ baseUrl: `http://127.0.0.1:${port}`, retries: 1 });
  const error = await catchApiError(users.get("id"));
  expect(error).toMatchObject({ type: "network-error", status: undefined, problem: undefined, errors: [] });
  expect(error.message).toMatch(/^The request GET \/users\/id received no complete response: TypeError: /);
  expect(error.cause).toMatchObject({ name: "TypeError", cause: { code: "ECONNREFUSED" } });
});

/** Returns the wait before each retry, in milliseconds. */
function measureWaits(requests: readonly ReceivedRequest[]): number[] {
  return requests.slice(1).map(({ receivedAtMs }, n) => receivedAtMs - requests[n]!.receivedAtMs);
}

test.for<[label: string, formatRetryAfter: () => string, minimumMs: number]>([
  ["of 1 second", () => "1", 1_000],
  ["with a date", () => new Date(Date.now() + 2_000).toUTCString(), 900], // Cut to whole seconds: 1 to 2 seconds from now.
  ["of 0 seconds", () => "0", 0],
  ["with a date in the past", () => new Date(0).toUTCString(), 0],
  ["that is invalid", () => "soon", 0],
])("waits for a Retry-After %s", async ([, formatRetryAfter, minimumMs]) => {
  const behavior = storeUnavailable({ "Retry-After": formatRetryAfter() });
  const { users, requests } = await startProxiedClient(server.url, [behavior]);
  await users.get("id");
  const [wait] = measureWaits(requests);
  expect(wait).toBeGreaterThanOrEqual(minimumMs);
  expect(wait).toBeLessThan(minimumMs + 2_000);
});

test("waits for a Retry-After of 30 seconds, and rejects at once for a longer one", async () => {
  const behaviors = ["30", "31"].map((retryAfter) => storeUnavailable({ "Retry-After": retryAfter }));
  const { users, requests } = await startProxiedClient(server.url, behaviors);
  const controller = new AbortController();
  const waiting = users.get("id", { signal: controller.signal });
  await expect.poll(() => requests.length).toBe(1);
  expect(await catchApiError(users.get("id"))).toMatchObject({ type: "store-unavailable", retryAfter: 31 });
  controller.abort("stop"); // If the first call did not wait, it has rejected by now.
  await expect(waiting).rejects.toBe("stop");
  expect(requests).toHaveLength(2);
});

test("doubles the backoff up to 5 seconds", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.1);
  onTestFinished(() => void vi.restoreAllMocks());
  const { users, requests } = await startProxiedClient(server.url, Array(7).fill(storeUnavailable()), { retries: 7 });
  await users.get("id");
  const waits = measureWaits(requests);
  for (const [n, minimumMs] of [25, 50, 100, 200, 400, 500, 500].entries()) {
    expect(waits[n]).toBeGreaterThanOrEqual(minimumMs - 1); // Timers count whole milliseconds.
  }
  expect(waits[6]).toBeLessThan(1_500);
});

test("spreads the retries of clients that fail concurrently", async () => {
  const waits = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const { users, requests } = await startProxiedClient(server.url, [{ status: 503 }]);
      await users.get("id");
      return measureWaits(requests)[0]!;
    }),
  );
  expect(Math.min(...waits)).toBeLessThan(125);
  expect(Math.max(...waits)).toBeGreaterThan(125);
});
