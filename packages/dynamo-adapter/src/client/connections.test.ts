import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { createTestWireClient } from "../testing/clients.ts";
import {
  createTestConnection,
  sendOutput,
  startServer,
  startTcpServer,
  type LocalServer,
} from "../testing/local-server.ts";
import { MAX_CONNECTIONS } from "./transport.ts";

const GET = { TableName: "Users", Key: { user_id: { S: "id" } } };
const UPDATE = { ...GET, UpdateExpression: "SET a = :a" };
/** The settings of a server that does not close idle connections during a test. */
const PATIENT = { keepAliveTimeout: 60_000 };
const HEAD = "HTTP/1.1 200 OK\r\nx-amzn-requestid: test\r\ncontent-length: 2\r\n";

const createClient = ({ connection }: LocalServer) => createTestWireClient({ connection });

test("reuses a connection", async () => {
  const server = await startServer((response) => sendOutput(response));
  const client = createClient(server);
  for (let call = 1; call <= 5; call += 1) {
    await client.getItem(GET);
    await nextTurn(); // The connection is idle.
  }
  expect(server.sockets.size).toBe(1);
});

test("completes 1,000 concurrent calls on at most 50 connections", async () => {
  const server = await startServer((response) => sendOutput(response));
  const client = createClient(server);
  await Promise.all(Array.from({ length: 1_000 }, () => client.getItem(GET)));
  expect(server.requests).toHaveLength(1_000);
  expect(server.sockets.size).toBeLessThanOrEqual(50);
});

test("repeats a call whose reused connection is reset", async () => {
  const server = await startServer((response, { number }) =>
    number === 2 ? response.socket!.resetAndDestroy() : sendOutput(response),
  );
  const client = createClient(server);
  await client.getItem(GET);
  await nextTurn();
  expect(await client.getItem(GET)).toEqual({});
  expect(server.requests).toHaveLength(3);
});

test("does not repeat an update whose outcome is unknown because its reused connection is reset", async () => {
  const server = await startServer((response, { number }) =>
    number === 2 ? response.socket!.resetAndDestroy() : sendOutput(response),
  );
  const client = createClient(server);
  await client.getItem(GET);
  await nextTurn();
  const expected = { code: "ECONNRESET", isOutcomeUnknown: true };
  await expect(client.updateItem(UPDATE, { isRepeatable: false })).rejects.toMatchObject(expected);
  expect(server.requests).toHaveLength(2);
});

test("connects again after the server has closed an idle connection", async () => {
  const server = await startServer((response) => sendOutput(response));
  const client = createClient(server);
  for (let call = 1; call <= 5; call += 1) {
    await client.updateItem(UPDATE, { isRepeatable: false });
    const [socket] = server.sockets;
    socket!.end();
    await once(socket!, "close");
  }
  expect(server.requests).toHaveLength(5);
});

test("completes calls to a server that announces the end of every connection", async () => {
  const server = await startServer((response) => {
    response.shouldKeepAlive = false;
    sendOutput(response);
  });
  const client = createClient(server);
  const updates = Array.from({ length: 200 }, () => client.updateItem(UPDATE, { isRepeatable: false }));
  await Promise.all(updates);
  expect(server.requests).toHaveLength(200);
});

test("completes calls to a server that closes every connection without an announcement", async () => {
  const server = await startServer((response) => {
    response.on("finish", () => response.socket?.end());
    sendOutput(response);
  });
  const client = createClient(server);
  for (let call = 1; call <= 20; call += 1) expect(await client.getItem(GET)).toEqual({});
});

test("does not send a call whose caller has stopped to wait for a connection", async () => {
  const responses: ServerResponse[] = [];
  const received = Promise.withResolvers<void>();
  const server = await startServer((response) => {
    if (responses.push(response) === MAX_CONNECTIONS) received.resolve();
    if (responses.length > MAX_CONNECTIONS) sendOutput(response);
  });
  const client = createClient(server);
  const calls = Array.from({ length: MAX_CONNECTIONS }, () => client.getItem(GET));
  const controller = new AbortController();
  const late = client.updateItem(UPDATE, { isRepeatable: false, signal: controller.signal });
  const rejected = expect(late).rejects.toMatchObject({ code: "ECANCELED", isOutcomeUnknown: false });
  calls.push(client.getItem(GET));
  await received.promise;
  controller.abort();
  for (const response of responses.slice()) sendOutput(response);
  await Promise.all(calls);
  await rejected;
  expect(server.requests.map(({ headers }) => headers["x-amz-target"])).not.toContain("DynamoDB_20120810.UpdateItem");
});

test("closes the connections of a load once they are idle for 4 seconds", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const server = await startServer((response) => sendOutput(response), "127.0.0.1", PATIENT);
  const client = createClient(server);
  await Promise.all(Array.from({ length: 10 }, () => client.getItem(GET)));
  await nextTurn();
  expect(server.sockets.size).toBe(10);
  const closed = Promise.all([...server.sockets].map((socket) => once(socket, "close")));
  vi.setSystemTime(Date.now() + 4_001);
  await client.getItem(GET);
  await closed;
  expect(server.requests).toHaveLength(11);
});

test("does not reuse a connection on which a request is not completely sent", async () => {
  const server = await startTcpServer((socket) => {
    socket.pause();
    socket.once("readable", () => socket.write(`${HEAD}\r\n{}`));
  });
  const client = createClient(server);
  const large = { ...UPDATE, ExpressionAttributeValues: { ":a": { S: "x".repeat(8_000_000) } } };
  expect(await client.updateItem(large)).toEqual({});
  expect(await client.updateItem(UPDATE, { isRepeatable: false })).toEqual({});
  expect(server.sockets.size).toBe(2);
});

test("does not take bytes that arrive without a request for a response", async () => {
  const late = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n";
  const server = await startTcpServer((socket) => {
    socket.on("data", () => socket.write(`${HEAD}\r\n{}`));
  });
  const client = createClient(server);
  for (let call = 1; call <= 3; call += 1) {
    expect(await client.getItem(GET)).toEqual({});
    const [socket] = server.sockets;
    socket!.write(late);
    await once(socket!, "close");
  }
});

test.for([
  ["in chunks", "transfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"],
  ["without a length", "\r\n{}"],
] as const)("accepts a body %s", async ([, bytes]) => {
  const head = "HTTP/1.1 200 OK\r\nx-amzn-requestid: test\r\n";
  const server = await startTcpServer((socket) => socket.once("data", () => socket.end(head + bytes)));
  expect(await createClient(server).getItem(GET)).toEqual({});
});

test.for([
  ["that is not HTTP", "SSH-2.0-OpenSSH\r\n"],
  ["that is empty", ""],
  ["that is only `100 Continue`", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["with an invalid content length", "HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\n{}"],
  ["with two content lengths", `${HEAD}content-length: 3\r\n\r\n{}`],
  ["with a header of 100 KB", `${HEAD}x: ${"x".repeat(100_000)}\r\n\r\n{}`],
] as const)("throws an error with an unknown outcome after a response %s", async ([, bytes]) => {
  const server = await startTcpServer((socket) => socket.once("data", () => socket.end(bytes)));
  await expect(createClient(server).updateItem(UPDATE, { isRepeatable: false })).rejects.toMatchObject({
    name: "NetworkError",
    isOutcomeUnknown: true,
  });
});

test("throws an error with a known outcome if the connection is refused", async () => {
  const client = createTestWireClient({ connection: createTestConnection("http://127.0.0.1:9") });
  const expected = { code: "ECONNREFUSED", isOutcomeUnknown: false };
  await expect(client.updateItem(UPDATE, { isRepeatable: false })).rejects.toMatchObject(expected);
});
