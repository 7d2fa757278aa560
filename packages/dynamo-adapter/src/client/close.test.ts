import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { createTestWireClient } from "../testing/clients.ts";
import { createTestConnection, sendOutput, startServer, type LocalServer } from "../testing/local-server.ts";

const GET = { TableName: "Users", Key: { user_id: { S: "id" } } };

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
    const update = client.updateItem({ ...GET, UpdateExpression: "SET a = :a" }, { isRepeatable: false });
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

  test("does nothing if no call was made", () => {
    createTestWireClient({ connection: createTestConnection("http://127.0.0.1:9") }).close();
  });

  test("lets the process end", async () => {
    const server = await startServer((response) => sendOutput(response));
    const script = `
      import { createEnvironmentConnection, createWireClient } from "./wire.ts";
      const client = createWireClient({ connection: createEnvironmentConnection(process.env) });
      await client.getItem(${JSON.stringify(GET)});
      client.close();
    `;
    const environment = {
      AWS_REGION: "eu-central-1",
      AWS_ENDPOINT_URL: server.url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    };
    const args = ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "--eval", script];
    const options = { cwd: new URL("..", import.meta.url), env: environment, timeout: 10_000 };
    await promisify(execFile)(process.execPath, args, options);
    expect(server.requests).toHaveLength(1);
  });
});
