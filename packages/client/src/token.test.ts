import { expect, test, vi } from "vitest";
import { createUsersClient, type Fetch, type UsersClientOptions } from "./index.ts";
import {
  buildProblem,
  createToken,
  getCredentials,
  methods,
  startClient,
  success,
  unauthenticated,
} from "./testing/credentials.ts";
import { catchApiError } from "./testing/fixtures.ts";
import type { Behavior } from "./testing/start-proxy.ts";

const json = { "content-type": "application/json" };

test("calls token for every attempt and every page", async () => {
  const page: Behavior = { status: 200, headers: json, body: '{"users":[],"next_cursor":"next"}' };
  const client = await startClient(["reset", page, success], { token: createToken("a", "b", "c") });
  const pages = client.users.pages();
  await pages.next();
  await pages.next();
  expect(getCredentials(client)).toEqual(["Bearer a", "Bearer b", "Bearer c"]);
});

test.for(methods)("sends %s once more after a 401 if token returns another value", async ([, call]) => {
  const client = await startClient([unauthenticated, success], { token: createToken("old", "new"), retries: 0 });
  await call(client.users);
  const [first, second] = client.requests;
  expect(getCredentials(client)).toEqual(["Bearer old", "Bearer new"]);
  for (const part of ["method", "path", "body"] as const) expect(second![part]).toBe(first![part]);
  for (const name of ["idempotency-key", "if-match", "content-type"]) {
    expect(second!.headers[name]).toBe(first!.headers[name]);
  }
});

test.for<[label: string, options: Partial<UsersClientOptions>]>([
  ["an API key", { apiKey: "same" }],
  ["a header", { headers: { Authorization: "Bearer same" } }],
  ["a token that stays the same", { token: createToken("same") }],
])("does not retry a 401 with %s", async ([, options]) => {
  for (const [, call] of methods) {
    const client = await startClient([unauthenticated, success], options);
    expect(await catchApiError(call(client.users))).toMatchObject({ type: "unauthenticated", status: 401 });
    expect(getCredentials(client)).toEqual(["Bearer same"]);
  }
});

test("rejects with unauthenticated after a second 401, even if token returns another value", async () => {
  const responses = Array(5).fill(unauthenticated);
  const client = await startClient(responses, { token: createToken("a", "b", "c", "d") });
  expect(await catchApiError(client.users.get("id"))).toMatchObject({ type: "unauthenticated" });
  expect(getCredentials(client)).toEqual(["Bearer a", "Bearer b"]);
});

test("sends a request once more after a gateway's 401", async () => {
  const gateway: Behavior = { status: 401, headers: json, body: '{"message":"Unauthorized"}' };
  const client = await startClient([gateway, success], { token: createToken("old", "new") });
  expect(await client.users.get("id")).toMatchObject({ user: { user_id: "id" } });
  expect(getCredentials(client)).toEqual(["Bearer old", "Bearer new"]);
});

test("does not count the request after a 401 as a retry", async () => {
  const responses = [unauthenticated, { status: 503 }, { status: 503 }, success];
  const options = { token: createToken("old", "new"), retries: 1 };
  const client = await startClient(responses, options);
  expect(await catchApiError(client.users.get("id"))).toMatchObject({ status: 503 });
  expect(getCredentials(client)).toEqual(["Bearer old", "Bearer new", "Bearer new"]);
});

test("rejects a delete with not-found after a 401, which has deleted nothing", async () => {
  const notFound = buildProblem(404, "not-found");
  const { users, requests } = await startClient([unauthenticated, notFound], { token: createToken("old", "new") });
  expect(await catchApiError(users.delete("id"))).toMatchObject({ type: "not-found" });
  expect(requests).toHaveLength(2);
});

test("does not retry a conditional write whose request after a 401 fails", async () => {
  const responses: Behavior[] = [unauthenticated, "reset", success];
  const { users, requests } = await startClient(responses, { token: createToken("old", "new", "newer") });
  expect(await catchApiError(users.delete("id", { ifMatch: '"1"' }))).toMatchObject({ type: "network-error" });
  expect(requests).toHaveLength(2);
});

test.for([
  [403, "insufficient-scope"],
  [429, "too-many-requests"],
] as const)("does not retry a %d %s with another token", async ([status, name]) => {
  const token = vi.fn(createToken("old", "new"));
  const { users, requests } = await startClient([buildProblem(status, name), success], { token });
  expect(await catchApiError(users.get("id"))).toMatchObject({ type: name, status });
  expect(requests).toHaveLength(1);
  expect(token).toHaveBeenCalledTimes(1);
});

test.for<[label: string, reason: unknown]>([
  ["an error", new Error("The issuer is unavailable.")],
  ["an error of the type of network errors", new TypeError("fetch failed")],
  ["undefined", undefined],
])("rejects with the reason of token, without a retry: %s", async ([, reason]) => {
  const token = vi.fn<() => Promise<string>>(() => Promise.reject(reason));
  const { users, requests } = await startClient([success], { token });
  for (const [n, [, call]] of methods.entries()) {
    await expect(call(users)).rejects.toBe(reason);
    expect(token).toHaveBeenCalledTimes(n + 1);
  }
  expect(requests).toEqual([]);
});

test("rejects with the error of a token that throws synchronously", async () => {
  const error = new Error("There is no session.");
  const token = (): never => {
    throw error;
  };
  const { users } = await startClient([], { token });
  await expect(users.get("id")).rejects.toBe(error);
});

test("rejects with the reason of token after a 401", async () => {
  const error = new Error("The issuer is unavailable.");
  const token = vi.fn<() => Promise<string>>().mockResolvedValueOnce("old").mockRejectedValueOnce(error);
  const { users, requests } = await startClient([unauthenticated, success], { token });
  await expect(users.get("id")).rejects.toBe(error);
  expect(requests).toHaveLength(1);
});

test("rejects on the timeout if token does not settle", async () => {
  const token = vi.fn<() => Promise<string>>(() => new Promise(() => {}));
  const { users, requests } = await startClient([], { token, timeout: 100, retries: 1 });
  expect(await catchApiError(users.get("id"))).toMatchObject({
    type: "network-error",
    cause: { name: "TimeoutError" },
  });
  expect(token).toHaveBeenCalledTimes(2);
  expect(requests).toEqual([]);
});

test("rejects at once if the signal aborts while token is pending, and then sends nothing", async () => {
  const pending = Promise.withResolvers<string>();
  const token = vi.fn<() => Promise<string>>().mockReturnValueOnce(pending.promise).mockResolvedValue("second");
  const client = await startClient([success], { token });
  const controller = new AbortController();
  const update = client.users.update("id", { lastname: "Roe" }, { signal: controller.signal });
  await expect.poll(() => token.mock.calls.length).toBe(1);
  controller.abort("stop");
  await expect(update).rejects.toBe("stop");
  pending.resolve("first");
  await client.users.get("id");
  expect(getCredentials(client)).toEqual(["Bearer second"]);
});

test("does not call token if the signal has already aborted", async () => {
  const token = vi.fn(createToken("secret"));
  const { users, requests } = await startClient([], { token });
  await expect(users.get("id", { signal: AbortSignal.abort("stop") })).rejects.toBe("stop");
  expect(token).not.toHaveBeenCalled();
  expect(requests).toEqual([]);
});

test("does not call token again if the signal aborts on a 401", async () => {
  const controller = new AbortController();
  const response = new Response(null, { status: 401 });
  // The client reads the status code after the body.
  Object.defineProperty(response, "status", {
    get() {
      controller.abort("stop");
      return 401;
    },
  });
  const fetch: Fetch = async () => response;
  const token = vi.fn(createToken("old", "new"));
  const users = createUsersClient({ baseUrl: "https://api.example.com", token, fetch });
  await expect(users.get("id", { signal: controller.signal })).rejects.toBe("stop");
  expect(token).toHaveBeenCalledTimes(1);
});
