import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { createTestWireClient } from "../testing/clients.ts";
import { sendOutput, startServer, type LocalServer } from "../testing/local-server.ts";
import type { DynamoError } from "./dynamo-error.ts";
import { MAX_CONNECTIONS } from "./transport.ts";

const GET = { TableName: "Users", Key: { user_id: { S: "id" } } };
const UPDATE = { ...GET, UpdateExpression: "SET a = :a" };

/** Waits until all open connections to the server are closed. */
async function waitForEnd({ sockets }: LocalServer): Promise<void> {
  await Promise.all([...sockets].map((socket) => once(socket, "close")));
}

const createClient = ({ connection }: LocalServer) => createTestWireClient({ connection });

describe("close", () => {
  test("closes idle connections", async () => {
    const server = await startServer((response) => sendOutput(response));
    const client = createClient(server);
    await Promise.all(Array.from({ length: 10 }, () => client.getItem(GET)));
    expect(server.sockets.size).toBe(10);
    const ended = waitForEnd(server);
    client.close();
    await ended;
    expect(server.sockets.size).toBe(0);
  });

  test("makes a call in progress fail, and opens no further connection", async () => {
    const received = Promise.withResolvers<void>();
    const server = await startServer(() => received.resolve());
    const client = createClient(server);
    const update = client.updateItem(UPDATE, { isRepeatable: false });
    const failed = expect(update).rejects.toMatchObject({ name: "NetworkError", isOutcomeUnknown: true });
    await received.promise;
    const ended = waitForEnd(server);
    client.close();
    await failed;
    await ended;
    expect(server.requests).toHaveLength(1);
    await expect(client.getItem(GET)).rejects.toMatchObject({ name: "NetworkError", isOutcomeUnknown: false });
    expect(server.sockets.size).toBe(0);
  });

  test("opens no connection later if no call was made", async () => {
    const server = await startServer((response) => sendOutput(response));
    const client = createClient(server);
    client.close();
    await expect(client.getItem(GET)).rejects.toMatchObject({ name: "NetworkError", isOutcomeUnknown: false });
    expect(server.sockets.size).toBe(0);
  });

  test("makes calls fail that wait for a connection, with a known outcome", async () => {
    const received = Promise.withResolvers<void>();
    const server = await startServer((_, { number }) => number === MAX_CONNECTIONS && received.resolve());
    const client = createClient(server);
    const calls = Array.from({ length: MAX_CONNECTIONS + 1 }, () => client.updateItem(UPDATE, { isRepeatable: false }));
    const results = Promise.allSettled(calls);
    await received.promise;
    client.close();
    const reasons = (await results).map((result) => "reason" in result && (result.reason as DynamoError));
    expect(reasons.filter((reason) => reason && reason.isOutcomeUnknown)).toHaveLength(MAX_CONNECTIONS);
    expect(server.requests).toHaveLength(MAX_CONNECTIONS);
  });

  test("is not necessary for the end of the process", async () => {
    const server = await startServer((response) => sendOutput(response), "127.0.0.1", { keepAliveTimeout: 60_000 });
    await runScript(server, "");
    expect(server.requests).toHaveLength(1);
  });

  test("lets the process end", async () => {
    const server = await startServer((response) => sendOutput(response));
    await runScript(server, "client.close();");
    expect(server.requests).toHaveLength(1);
  });
});

/** Makes a call in a process of its own, and resolves when the process has ended. */
async function runScript({ url }: LocalServer, end: string): Promise<void> {
  const script = `
    import { createEnvironmentConnection, createWireClient } from "./wire.ts";
    const client = createWireClient({ connection: createEnvironmentConnection(process.env) });
    await client.getItem(${JSON.stringify(GET)});
    ${end}
  `;
  const environment = {
    AWS_REGION: "eu-central-1",
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "--eval", script];
  const options = { cwd: new URL("..", import.meta.url), env: environment, timeout: 10_000 };
  await promisify(execFile)(process.execPath, args, options);
}
