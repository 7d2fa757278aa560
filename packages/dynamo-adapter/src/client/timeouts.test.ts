import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createTestWireClient } from "../testing/clients.ts";
import { sendOutput, startServer, startTcpServer, type Respond } from "../testing/local-server.ts";
import { ATTEMPT_TIMEOUT_MS } from "./socket-connection.ts";
import { createTransport, MAX_CONNECTIONS } from "./transport.ts";

const HEADERS = { host: "localhost" };

/** How much later than its timeout an attempt may fail on a busy machine. */
const TOLERANCE_MS = 800;

/** Creates a transport that is closed when the test finishes. */
function openTransport(url: string) {
  const transport = createTransport(new URL(url));
  onTestFinished(() => transport.close());
  return transport;
}

async function measureMs(call: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call;
  return performance.now() - start;
}

test.for<[label: string, Respond]>([
  ["there is no response", () => undefined],
  ["the response stops after its header", (response) => response.flushHeaders()],
  ["the response stops in its body", (response) => response.write("{")],
  [
    "the response is slow",
    (response) => {
      const timer = setInterval(() => response.write(" "), 50);
      response.on("close", () => clearInterval(timer));
    },
  ],
])("an attempt times out after 1.2 seconds, and its connection is closed, if %s", async ([, respond]) => {
  const server = await startServer(respond);
  const transport = openTransport(server.url);
  const expected = { name: "TransportError", code: "ETIMEDOUT", isSent: true };
  const durationMs = await measureMs(expect(transport.post(HEADERS, "{}")).rejects.toMatchObject(expected));
  expect(durationMs).toBeGreaterThan(ATTEMPT_TIMEOUT_MS - 100);
  expect(durationMs).toBeLessThan(ATTEMPT_TIMEOUT_MS + TOLERANCE_MS);
  await Promise.all([...server.sockets].map((socket) => once(socket, "close")));
});

test("an attempt times out with a known outcome if the TLS handshake hangs", async () => {
  const { url } = await startTcpServer(() => undefined);
  const transport = openTransport(url.replace("http:", "https:"));
  const expected = { code: "ETIMEDOUT", isSent: false };
  const durationMs = await measureMs(expect(transport.post(HEADERS, "{}")).rejects.toMatchObject(expected));
  expect(durationMs).toBeLessThan(ATTEMPT_TIMEOUT_MS + TOLERANCE_MS);
});

test("the timeout does not include the time that a request waits for a connection", async () => {
  const server = await startServer(async (response) => {
    await delay(ATTEMPT_TIMEOUT_MS * 0.6);
    sendOutput(response);
  });
  const transport = openTransport(server.url);
  const posts = Array.from({ length: 2 * MAX_CONNECTIONS }, () => transport.post(HEADERS, "{}"));
  for (const { status } of await Promise.all(posts)) expect(status).toBe(200);
  expect(server.requests).toHaveLength(2 * MAX_CONNECTIONS);
});

test("a call that has timed out is repeated", async () => {
  const { connection, requests } = await startServer((response, { number }) => number > 1 && sendOutput(response));
  const client = createTestWireClient({ connection });
  expect(await client.getItem({ TableName: "Users", Key: { user_id: { S: "id" } } })).toEqual({});
  expect(requests).toHaveLength(2);
});
