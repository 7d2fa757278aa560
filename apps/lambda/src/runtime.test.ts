import { createUsersTable, startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { createClient, expectProblem, newUser, type Client } from "@user-management/rest-adapter/testing";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { answerOf } from "./testing/answer-of.ts";
import { buildZip } from "./testing/build-zip.ts";
import { httpEvent, type ClientRequest } from "./testing/events.ts";
import { gateways } from "./testing/gateways.ts";
import { answersOfNodeServer, answersThrough } from "./testing/life-of-a-service.ts";
import { startProxy, type InterruptibleProxy } from "./testing/interruptible-proxy.ts";
import { buildRuntimeClient, noRuntimeClient } from "./testing/runtime-client.ts";
import { startFunction, type RunningFunction } from "./testing/start-function.ts";

/** What the function may take for an invocation, in milliseconds. */
const TIMEOUT = 3_000;

const obstacle = noRuntimeClient();
if (obstacle) console.warn(`The function was not run as Lambda runs it: ${obstacle}.`);

describe.skipIf(obstacle)("the zip under AWS's runtime client, on DynamoDB", () => {
  let dynamo: Dynamo;
  let zip: Uint8Array;

  beforeAll(async () => {
    await buildRuntimeClient();
    [dynamo, zip] = await Promise.all([startDynamo(), buildZip()]);
  }, 300_000);
  afterAll(() => dynamo?.stop());

  /** The function in an environment of its own, on a table of its own, with a way to the table that can be cut. */
  async function start({ cut = false, memory = 512 } = {}): Promise<{
    lambda: RunningFunction;
    store: InterruptibleProxy;
  }> {
    const { tableName } = await createUsersTable(dynamo);
    const store = await startProxy(dynamo.endpoint);
    if (cut) store.hang();
    const environment = {
      USERS_TABLE: tableName,
      AWS_REGION: "local",
      AWS_ENDPOINT_URL_DYNAMODB: store.endpoint,
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
    };
    const lambda = await startFunction({ zip, environment, memory });
    onTestFinished(async () => {
      await lambda.stop();
      await store.close();
    });
    await lambda.initialised;
    return { lambda, store };
  }

  describe.for(Object.entries(gateways))("behind %s", ([, toEvent]) => {
    test("a user is created, read, updated and deleted", async () => {
      const { ask, send, create, read } = clientOf((await start()).lambda, toEvent);
      const user = newUser({ lastname: "Łukasiewicz 李" });
      const id = await create(user);
      expect(await read(id)).toEqual({ user_id: id, ...user });
      const updated = await send("PUT", `/users/${id}`, { address: "456 Another St" });
      expect([updated.status, await updated.json()]).toEqual([200, { message: "User updated" }]);
      expect(await read(id)).toEqual({ user_id: id, ...user, address: "456 Another St" });
      const deleted = await ask(`/users/${id}`, { method: "DELETE" });
      expect([deleted.status, await deleted.json()]).toEqual([200, { message: "User deleted" }]);
      await expectProblem(await ask(`/users/${id}`), "not-found", `/users/${id}`);
    });

    test("every case of the table is answered as the Node server answers it", async () => {
      const { ask } = clientOf((await start()).lambda, toEvent);
      expect(await answersThrough(ask)).toEqual(await answersOfNodeServer());
    });

    test("what is wrong is answered as a problem", async () => {
      const { ask, send } = clientOf((await start()).lambda, toEvent);
      const errors = await expectProblem(await send("POST", "/users", newUser({ email: "nobody" })), "invalid-user");
      expect(errors).toEqual([expect.objectContaining({ pointer: "#/email" })]);
      await expectProblem(await ask("/users/nobody%3Flimit=1"), "not-found", "/users/nobody%3Flimit=1");
      await expectProblem(await ask("/users?limit=0"), "invalid-query");
    });
  });

  test("five hundred invocations in one environment leave neither memory nor connections behind", async () => {
    const { lambda } = await start({ memory: 128 }); // The least that Lambda gives: Node.js uses what it has.
    const { create, read, send, ask } = clientOf(lambda);
    const fiveInvocations = async () => {
      const id = await create();
      await read(id);
      await send("PUT", `/users/${id}`, { address: "456 Another St" });
      await ask(`/users/${id}`, { method: "DELETE" });
      await ask(`/users/${id}`);
    };
    for (let n = 0; n < 160; n += 1) await fiveInvocations(); // until the heap has its size and the code is compiled
    const before = { memory: lambda.memory(), sockets: lambda.sockets().length };
    for (let n = 0; n < 100; n += 1) await fiveInvocations();
    expect(lambda.sockets().length).toBeLessThanOrEqual(before.sockets);
    expect((lambda.memory() - before.memory) / 2 ** 20).toBeLessThan(16);
  }, 60_000);

  test("an environment that was frozen and thawed answers", async () => {
    const { lambda } = await start();
    const { create, read } = clientOf(lambda);
    const id = await create();
    await lambda.freeze();
    const answer = read(id); // The event is there when it thaws.
    lambda.thaw();
    expect(await answer).toHaveProperty("user_id", id);
  });

  test("connections that the store has dropped cost no answer", async () => {
    const { lambda, store } = await start();
    const { create, read } = clientOf(lambda);
    const id = await create();
    await store.drop();
    expect(await read(id)).toHaveProperty("user_id", id);
  });

  test("connections that the store has dropped while the environment was frozen cost no answer", async () => {
    const { lambda, store } = await start();
    const { create, read } = clientOf(lambda);
    const id = await create();
    await lambda.freeze();
    await store.drop();
    const answer = read(id);
    lambda.thaw();
    expect(await answer).toHaveProperty("user_id", id);
    await expect.poll(() => lambda.sockets().length).toBe(store.connections());
  });

  test("a store that hangs is a 503 before the function's time is up, and no longer one when it is back", async () => {
    const { lambda, store } = await start();
    const { ask, create, read } = clientOf(lambda);
    const id = await create();
    store.hang();
    const started = performance.now();
    await expectProblem(await ask(`/users/${id}`), "store-unavailable");
    expect(performance.now() - started).toBeLessThan(TIMEOUT);
    await store.recover();
    expect(await read(id)).toHaveProperty("user_id", id);
  });

  test("an environment whose store hangs starts within Lambda's ten seconds, and answers when it is back", async () => {
    const { lambda, store } = await start({ cut: true });
    expect(await lambda.initialised).toBeLessThan(10_000);
    const { ask, create } = clientOf(lambda);
    await expectProblem(await ask("/users/somebody"), "store-unavailable");
    await store.recover();
    await create();
  });

  test.for([
    { name: "an event of a queue", event: { Records: [{ eventSource: "aws:sqs", body: "{}" }] } },
    { name: "null", event: null },
  ])("$name is no HTTP event: an error that says so, and the next invocation works", async ({ event }) => {
    const { lambda } = await start();
    const { response, error } = await lambda.invoke(event);
    expect(response).toBeUndefined();
    expect(error).toMatchObject({ errorType: "TypeError", errorMessage: expect.stringContaining("HTTP events") });
    await clientOf(lambda).create();
  });

  test("every invocation writes one line, and the first one tells of the cold start", async () => {
    const { lambda } = await start();
    const { ask, create } = clientOf(lambda);
    const id = await create();
    await ask(`/users/${id}`, { headers: { "x-request-id": "mine" } });
    await ask("/users/nobody");
    await expect.poll(() => lambda.logs.length).toBe(3);
    const line = {
      level: "info",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      message: "request",
      duration_ms: expect.any(Number),
      bytes: expect.any(Number),
      request_id: expect.any(String),
      lambda_request_id: expect.stringMatching(/^[\da-f-]{36}$/),
      cold_start: false,
    };
    const lines = lambda.logs.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(lines).toEqual([
      { ...line, method: "POST", route: "/users", status: 201, cold_start: true },
      { ...line, method: "GET", route: "/users/:id", status: 200, request_id: "mine" },
      { ...line, method: "GET", route: "/users/:id", status: 404 },
    ]);
    expect(new Set(lines.map((told) => told["lambda_request_id"])).size).toBe(3);
  });
});

/** A client of the gateway that this function is behind. */
function clientOf(lambda: RunningFunction, toEvent: (request: ClientRequest) => unknown = httpEvent): Client {
  return createClient(async (path, { method = "GET", headers, body } = {}) => {
    const sent = { method, path, headers: [...new Headers(headers)], ...(body != null && { body: body as string }) };
    const { response, error } = await lambda.invoke(toEvent(sent), { timeoutMs: TIMEOUT });
    if (error) throw new Error(`${error.errorType}: ${error.errorMessage}`);
    return answerOf(response);
  });
}
