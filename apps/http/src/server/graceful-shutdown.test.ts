import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { newUserBody } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { startConnectingClient, startFetchClient, startKeepAliveClient } from "../testing/load-clients.ts";
import { HOST, openConnection, parseResponses } from "../testing/raw-connection.ts";
import { startProcess } from "../testing/start-process.ts";
import { startService, startTestServer } from "../testing/start-service.ts";

const ROUNDS = Array.from({ length: 4 }, (_, n) => n + 1);

function createPost(): RequestInit {
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(newUserBody()) };
}

/** Starts 24 clients of several kinds. None is silent for as long as the server waits for a request. */
function startClients(url: string) {
  const path = `${url}/healthz`;
  return [
    ...Array.from({ length: 6 }, () => startFetchClient(path)),
    ...Array.from({ length: 4 }, () => startFetchClient(`${url}/users`, createPost)),
    ...[0, 0, 20, 400].map((thinkTimeMs) => startKeepAliveClient(path, thinkTimeMs)),
    ...[0, 0, 0, 0, 0, 0, 0, 0, 20, 200].map((delayMs) => startConnectingClient(path, delayMs)),
  ];
}

test.for(ROUNDS)("cuts off none of 24 concurrent clients (round %i)", async () => {
  const { child, ended, url } = await startProcess();
  const clients = startClients(url);
  const countFewest = () => Math.min(...clients.map(({ responses }) => responses));
  await expect.poll(countFewest, { timeout: 10_000 }).toBeGreaterThan(2);
  const started = performance.now();
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(3_000);
  const cutOff = await Promise.all(clients.map(({ finished }) => finished));
  expect(cutOff.flat()).toEqual([]);
});

/** Waits until the server no longer listens. */
async function waitUntilRefused(port: number): Promise<void> {
  const tryToConnect = () =>
    once(connect(port, "127.0.0.1"), "connect").then(
      () => "connected",
      (error: unknown) => String(error),
    );
  await expect.poll(tryToConnect, { interval: 5 }).toMatch(/ECONNREFUSED/);
}

test("responds to a client that is idle when the drain begins and sends a request afterwards", async () => {
  const { port, drain } = await startService(createInMemoryUserRepository());
  const [used, unused] = [await openConnection(port), await openConnection(port)];
  const request = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;
  used.write(request);
  await once(used, "data");
  const drained = drain();
  await waitUntilRefused(port);
  for (const socket of [used, unused]) {
    socket.write(request);
    const [response] = parseResponses(await text(socket));
    expect(response?.status).toBe(200);
    expect(response?.headers.get("connection")).toBe("close");
  }
  await drained;
});

test("responds to a request that arrives while a busy event loop misses the end of the silence", async () => {
  const { port, drain } = await startService(createInMemoryUserRepository(), { silence: 300 });
  const socket = await openConnection(port);
  const drained = drain();
  await waitUntilRefused(port);
  await new Promise((resolve) => socket.write(`GET /healthz HTTP/1.1\r\n${HOST}\r\n`, resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500); // blocks this thread, on which the server runs
  expect(parseResponses(await text(socket))[0]?.status).toBe(200);
  await drained;
});

test("responds to all pipelined requests, and announces the end of the connection in the last response", async () => {
  const started = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const { port, drain } = await startTestServer(() => async () => {
    started.resolve();
    await released.promise;
    return new Response("done");
  });
  const socket = await openConnection(port);
  socket.write(`GET / HTTP/1.1\r\n${HOST}\r\n`.repeat(3));
  await started.promise;
  const drained = drain();
  released.resolve();
  const responses = parseResponses(await text(socket));
  expect(responses.map(({ headers }) => headers.get("connection"))).toEqual(["keep-alive", "keep-alive", "close"]);
  await drained;
});

test("completes within a second if no connection has a request", async () => {
  const { port, drain } = await startService(createInMemoryUserRepository());
  await openConnection(port);
  const partial = await openConnection(port);
  partial.write("GET /healthz HTT");
  const halfOpen = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  halfOpen.write("garbage\r\n\r\n");
  await once(halfOpen.resume(), "end");
  const started = performance.now();
  await drain();
  expect(performance.now() - started).toBeLessThan(1_000);
  halfOpen.destroy();
});

test("completes a response that has begun, and closes its connection", async () => {
  let finish!: () => void;
  const respondSlowly = () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("begun "));
          finish = () => {
            controller.enqueue(new TextEncoder().encode("finished"));
            controller.close();
          };
        },
      }),
    );
  const { drain, url } = await startTestServer(() => respondSlowly);
  const response = await fetch(url);
  const drained = drain();
  finish();
  expect(await response.text()).toBe("begun finished");
  await drained;
});
