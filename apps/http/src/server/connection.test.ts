import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as elapsed } from "node:timers/promises";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { expect, onTestFinished, test } from "vitest";
import { HOST, JSON_TYPE, openConnection, parseResponses, sendBytes } from "../testing/raw-connection.ts";
import { QUICK_DRAIN, startService, startTestServer } from "../testing/start-service.ts";

const start = (timeouts = {}) => startService(createInMemoryUserRepository(), { ...QUICK_DRAIN, ...timeouts });

const get = (path: string, headers = "") => `GET ${path} HTTP/1.1\r\n${HOST}${headers}\r\n`;
const close = "Connection: close\r\n";

/** Starts a server whose responses have 64 KiB and begin with the path, and which counts the requests. */
async function startLargeServer(timeouts = {}) {
  const counts = { parsed: 0, handled: 0 };
  const respond = async (request: Request) => {
    await request.text();
    const { pathname } = new URL(request.url);
    if (pathname !== "/other") counts.handled += 1;
    return new Response(pathname.padEnd(65_536));
  };
  const countParsed = (message: unknown) => {
    if ((message as { request: IncomingMessage }).request.url !== "/other") counts.parsed += 1;
  };
  subscribe("http.server.request.start", countParsed);
  onTestFinished(() => void unsubscribe("http.server.request.start", countParsed));
  return { ...(await startTestServer(() => respond, timeouts)), counts };
}

/** Sends 1,000 pipelined requests of 300 bytes on a connection that is not read. */
async function pipeline(port: number, method = "GET"): Promise<Socket> {
  const socket = await openConnection(port);
  const paths = Array.from({ length: 1_000 }, (_, n) => `/${n}`);
  const requests = paths.map((path, n) => {
    const head = `${method} ${path} HTTP/1.1\r\n${HOST}Padding: ${"x".repeat(230)}\r\n${n === 999 ? close : ""}`;
    return method === "GET" ? `${head}\r\n` : `${head}Content-Length: 2\r\n\r\n{}`;
  });
  socket.write(requests.join(""));
  return socket;
}

test.for(["GET", "POST"])(
  "handles pipelined %s requests only as fast as the client reads the responses",
  async (method) => {
    const { counts, port, url } = await startLargeServer();
    const socket = await pipeline(port, method);
    await expect.poll(() => counts.handled).toBeGreaterThan(0);
    for (let n = 0; n < 300; n += 1) await (await fetch(`${url}/other`)).arrayBuffer();
    // The operating system buffers about 8 MB, which is 128 responses. Node.js reads up to 64 KiB at once, 218 requests.
    expect(counts.handled).toBeLessThan(300);
    expect(counts.parsed - counts.handled).toBeLessThan(300);
    const responses = parseResponses(await text(socket));
    expect(responses.map(({ body }) => body.trim())).toEqual(Array.from({ length: 1_000 }, (_, n) => `/${n}`));
  },
);

/** Occupies the thread for 2 ms for each request but `/other`. */
async function respondBusily(request: Request): Promise<Response> {
  await request.text();
  if (!request.url.endsWith("/other")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  return new Response("done");
}

test.for(["GET", "POST"])("serves other connections between pipelined %s requests", async (method) => {
  const { port, url } = await startTestServer(() => respondBusily);
  const socket = await pipeline(port, method);
  let received = "";
  socket.on("data", (chunk) => (received += String(chunk)));
  await once(socket, "data");
  await fetch(`${url}/other`);
  expect(received.split("done").length).toBeLessThan(100);
});

test("does not apply the request timeout to pipelined requests that the server has not read", async () => {
  const { counts, port } = await startLargeServer({ headersTimeout: 50, connectionsCheckingInterval: 10 });
  const socket = await pipeline(port);
  await expect.poll(() => counts.handled).toBeGreaterThan(0);
  // A connection on which the headers really are late outlasts the timeout.
  expect(parseResponses(await sendBytes(port, "GET / HTTP/1.1\r\n"))[0]?.status).toBe(408);
  expect(parseResponses(await text(socket))).toHaveLength(1_000);
});

test.for([
  { name: "malformed bytes", bytes: "!!! garbage !!!\r\n\r\n" },
  { name: "CONNECT", bytes: `CONNECT a:1 HTTP/1.1\r\n${HOST}\r\n` },
  {
    name: "a request with a malformed body",
    bytes: `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`,
  },
])("responds to pipelined requests in order before it rejects $name", async ({ bytes }) => {
  const { port } = await start();
  const received = await sendBytes(port, get("/users") + get("/unknown") + bytes);
  expect(parseResponses(received).map(({ status }) => status)).toEqual([200, 404, 400]);
});

test("rejects malformed bytes on a connection that is in use", async () => {
  const { port } = await start();
  const socket = await openConnection(port);
  socket.write(get("/healthz"));
  const [received] = await once(socket, "data");
  socket.write("!!! garbage !!!\r\n\r\n");
  const responses = parseResponses(String(received) + (await text(socket)));
  expect(responses.map(({ status }) => status)).toEqual([200, 400]);
});

test("delivers the last response although the client has sent more than the server reads", async () => {
  const { port } = await start();
  for (let n = 0; n < 20; n += 1) {
    const socket = await openConnection(port);
    socket.write(get("/healthz", close) + get("/healthz").repeat(5_000));
    expect(parseResponses(await text(socket)).map(({ status }) => status)).toEqual([200]);
  }
});

test("disconnects a client that does not read its response", async () => {
  const aborted = Promise.withResolvers<void>();
  const respond = ({ signal }: Request) => {
    signal.addEventListener("abort", () => aborted.resolve());
    return new Response(new Blob(["x".repeat(32_000_000)]));
  };
  const { port } = await startTestServer(() => respond, { stallTimeout: 100 });
  const socket = await openConnection(port);
  socket.write(get("/"));
  await aborted.promise;
});

test("keeps a client that reads slowly", async () => {
  const { port } = await startTestServer(() => () => new Response("x".repeat(32_000_000)), { stallTimeout: 500 });
  const socket = await openConnection(port);
  socket.write(get("/", close));
  let length = 0;
  for await (const chunk of socket) {
    length += (chunk as Buffer).length;
    await elapsed(3); // about 3 s for the whole response
  }
  expect(length).toBeGreaterThan(32_000_000);
});

/** Takes a second for `/slow`. */
async function respondSlowly({ url }: Request): Promise<Response> {
  if (url.endsWith("/slow")) await elapsed(1_000);
  return new Response("done");
}

test("keeps a connection while the application is at work, and while it is idle within the keep-alive timeout", async () => {
  const { port } = await startTestServer(() => respondSlowly, { stallTimeout: 100 });
  const idle = await openConnection(port);
  idle.write(get("/"));
  await once(idle, "data");
  expect(parseResponses(await sendBytes(port, get("/slow", close)))[0]?.body).toBe("done");
  idle.write(get("/", close));
  expect(parseResponses(await text(idle))[0]?.body).toBe("done");
});

test("closes a connection that is idle for longer than the keep-alive timeout", async () => {
  const { port } = await start({ keepAliveTimeout: 100 });
  const [response] = parseResponses(await sendBytes(port, get("/healthz")));
  expect(response?.status).toBe(200);
});

test("announces a keep-alive timeout that exceeds the usual one of load balancers", async () => {
  const { url } = await start();
  expect((await fetch(`${url}/healthz`)).headers.get("keep-alive")).toBe("timeout=65");
});
