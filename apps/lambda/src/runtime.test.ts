import { startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { expectProblem, newUserBody } from "@user-management/rest-adapter/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildZip } from "../bundle/build-zip.ts";
import { GATEWAYS } from "./testing/events.ts";
import { sendRequestTableToNodeServer } from "./testing/node-server.ts";
import { sendRequestTable } from "./testing/request-table.ts";
import { buildRuntimeClient, findRuntimeClientObstacle } from "./testing/runtime-client.ts";
import { startUsersFunction, TIMEOUT_MS } from "./testing/start-users-function.ts";
import { toResponse } from "./testing/to-response.ts";

const obstacle = findRuntimeClientObstacle();
if (obstacle) console.warn(`The tests under AWS's runtime client do not run: ${obstacle}`);

describe.skipIf(obstacle)("the zip under AWS's runtime client, with DynamoDB", () => {
  let dynamo: Dynamo;
  let zip: Uint8Array;

  beforeAll(async () => {
    await buildRuntimeClient();
    [dynamo, zip] = await Promise.all([startDynamo(), buildZip()]);
  }, 300_000);
  afterAll(() => dynamo?.stop());

  const start = (options: { isHanging?: boolean; memoryMb?: number; environment?: Record<string, string> } = {}) =>
    startUsersFunction({ dynamo, zip, ...options });

  describe.for(Object.entries(GATEWAYS))("behind %s", ([, toEvent]) => {
    test("creates, returns, updates and deletes a user", async () => {
      const { request, sendJson, createUser, getUser } = (await start()).createClient(toEvent);
      const body = newUserBody({ lastname: "Łukasiewicz 李" });
      const id = await createUser(body);
      expect(await getUser(id)).toEqual({ user_id: id, ...body });
      const updated = await sendJson("PUT", `/users/${id}`, { address: "456 Another St" });
      expect([updated.status, await updated.json()]).toEqual([200, { message: "User updated" }]);
      expect(await getUser(id)).toEqual({ user_id: id, ...body, address: "456 Another St" });
      const deleted = await request(`/users/${id}`, { method: "DELETE" });
      expect([deleted.status, await deleted.json()]).toEqual([200, { message: "User deleted" }]);
      await expectProblem(await request(`/users/${id}`), "not-found", `/users/${id}`);
    });

    test("responds like the Node server to every request of the table", async () => {
      const { createSendRequest, createCredential } = await start();
      const responses = await sendRequestTable({ request: createSendRequest(toEvent), createCredential });
      expect(responses).toEqual(await sendRequestTableToNodeServer());
    });

    test("responds to invalid requests with problems", async () => {
      const { request, sendJson } = (await start()).createClient(toEvent);
      const response = await sendJson("POST", "/users", newUserBody({ email: "invalid" }));
      const errors = await expectProblem(response, "invalid-user");
      expect(errors).toEqual([expect.objectContaining({ pointer: "#/email" })]);
      await expectProblem(await request("/users/unknown%3Flimit=1"), "not-found", "/users/unknown%3Flimit=1");
      await expectProblem(await request("/users?limit=0"), "invalid-query");
    });

    test("returns 400 for a body that is declared to be base64 and is not", async () => {
      const { lambda } = await start();
      const event = toEvent({ method: "POST", path: "/users", headers: { "content-type": "application/json" } });
      const body = { body: "not base64!", isBase64Encoded: true };
      const { response } = await lambda.invoke({ ...(event as object), ...body }, { timeoutMs: TIMEOUT_MS });
      await expectProblem(toResponse(response), "malformed-body", "/users");
      await expect.poll(() => lambda.logs.length).toBe(1);
    });
  });

  test("five hundred invocations leak neither memory nor connections", async () => {
    const { lambda, createClient } = await start({ memoryMb: 128 }); // The minimum of Lambda: Node.js uses all memory that it has.
    const { createUser, getUser, sendJson, request } = createClient();
    const invokeFiveTimes = async () => {
      const id = await createUser();
      await getUser(id);
      await sendJson("PUT", `/users/${id}`, { address: "456 Another St" });
      await request(`/users/${id}`, { method: "DELETE" });
      await request(`/users/${id}`);
    };
    for (let n = 0; n < 160; n += 1) await invokeFiveTimes(); // until the heap has its size and the code is compiled
    const before = { memoryBytes: lambda.getMemoryBytes(), connections: lambda.getRemotePorts().length };
    for (let n = 0; n < 100; n += 1) await invokeFiveTimes();
    expect(lambda.getRemotePorts().length).toBeLessThanOrEqual(before.connections);
    expect((lambda.getMemoryBytes() - before.memoryBytes) / 2 ** 20).toBeLessThan(16);
  }, 60_000);

  test("responds after the environment was frozen and thawed", async () => {
    const { lambda, createClient } = await start();
    const { createUser, getUser } = createClient();
    const id = await createUser();
    await lambda.freeze();
    const user = getUser(id); // The event is waiting when the environment is thawed.
    lambda.thaw();
    expect(await user).toHaveProperty("user_id", id);
  });

  test("responds after the store has closed the connections", async () => {
    const { proxy, createClient } = await start();
    const { createUser, getUser } = createClient();
    const id = await createUser();
    await proxy.closeConnections();
    expect(await getUser(id)).toHaveProperty("user_id", id);
  });

  test("responds after the store has closed the connections while the environment was frozen", async () => {
    const { lambda, proxy, createClient } = await start();
    const { createUser, getUser } = createClient();
    const id = await createUser();
    await lambda.freeze();
    await proxy.closeConnections();
    const user = getUser(id);
    lambda.thaw();
    expect(await user).toHaveProperty("user_id", id);
    await expect.poll(() => lambda.getRemotePorts().length).toBe(proxy.countConnections());
  });

  test("returns 503 before the timeout while the store hangs, and succeeds once it has recovered", async () => {
    const { proxy, createClient } = await start();
    const { request, createUser, getUser } = createClient();
    const id = await createUser();
    proxy.hang();
    const startedAt = performance.now();
    await expectProblem(await request(`/users/${id}`), "store-unavailable");
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS);
    await proxy.recover();
    expect(await getUser(id)).toHaveProperty("user_id", id);
  });

  test("starts within Lambda's limit of 10 seconds while the store hangs, and succeeds once it has recovered", async () => {
    const { lambda, proxy, createClient } = await start({ isHanging: true, environment: { USERS_AUTH: "none" } });
    expect(await lambda.initialized).toBeLessThan(10_000);
    const { request, createUser } = createClient();
    await expectProblem(await request("/users/unknown"), "store-unavailable");
    await proxy.recover();
    await createUser();
  });

  test.for([
    { label: "a message of a queue", event: { Records: [{ eventSource: "aws:sqs", body: "{}" }] } },
    { label: "null", event: null },
  ])(
    "reports an error for an event that is not an HTTP event, and the next one succeeds: $label",
    async ({ event }) => {
      const { lambda, createClient } = await start();
      const { response, error } = await lambda.invoke(event);
      expect(response).toBeUndefined();
      expect(error).toMatchObject({
        errorType: "TypeError",
        errorMessage: "The event is not an HTTP event of API Gateway or a Function URL.",
      });
      await createClient().createUser();
    },
  );

  test("writes one log record per invocation and per write, and marks the cold start", async () => {
    const { lambda, createClient } = await start();
    const { request, createUser } = createClient();
    const id = await createUser();
    await request(`/users/${id}`, { headers: { "x-request-id": "mine" } });
    await request("/users/unknown");
    await expect.poll(() => lambda.logs.length).toBe(4);
    const common = {
      level: "info",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      caller: expect.stringMatching(/^\w{12}$/),
      auth: "key",
    };
    const record = {
      ...common,
      message: "request",
      duration_ms: expect.any(Number),
      bytes: expect.any(Number),
      request_id: expect.any(String),
      lambda_request_id: expect.stringMatching(/^[\da-f-]{36}$/),
      cold_start: false,
    };
    const [audit, ...records] = lambda.logs.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(audit).toEqual({
      ...common,
      msg: "audit",
      action: "users.create",
      user_id: id,
      fields: expect.arrayContaining(["lastname", "email"]),
      outcome: "success",
      request_id: records[0]!["request_id"],
    });
    expect(records).toEqual([
      { ...record, method: "POST", route: "/users", status: 201, cold_start: true },
      { ...record, method: "GET", route: "/users/:id", status: 200, request_id: "mine" },
      { ...record, method: "GET", route: "/users/:id", status: 404 },
    ]);
    expect(new Set(records.map((logged) => logged["lambda_request_id"])).size).toBe(3);
  });
});
