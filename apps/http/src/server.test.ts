import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { newUser } from "@user-management/rest-adapter/testing";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "./server.ts";
import { answersIn, answerTo, openConnection, type Answer } from "./testing/raw-connection.ts";
import { startService } from "./testing/start-service.ts";

const start = (times = {}) => startService(createInMemoryUserRepository(), times);

/** A server of nothing in particular. */
const bare = {
  host: "127.0.0.1",
  port: 0,
  onExchange: () => undefined,
  onError: () => undefined,
  times: { grace: 0 },
};

function expectProblem(answer: Answer | undefined, status: number, type: string): void {
  expect(answer?.status).toBe(status);
  expect(answer?.headers.get("content-type")).toBe("application/problem+json");
  expect(answer?.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer?.headers.get("cache-control")).toBe("no-store");
  expect(Date.parse(String(answer?.headers.get("date")))).toBeGreaterThan(Date.now() - 60_000);
  expect(JSON.parse(answer?.body ?? "")).toEqual({
    type: `urn:user-management:problem:${type}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: expect.stringMatching(/^\//),
    request_id: answer?.headers.get("x-request-id"),
  });
}

const HOST = "Host: localhost\r\n";
const JSON_TYPE = "Content-Type: application/json\r\n";

test.for([
  { name: "no HTTP at all", bytes: "hello\r\n\r\n" },
  { name: "a TLS handshake", bytes: "\u0016\u0003\u0001\u0002\u0000\u0001\u0000" },
  { name: "HTTP/2", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
  { name: "an unknown version", bytes: `GET /healthz HTTP/3.7\r\n${HOST}\r\n` },
  { name: "a method that is none", bytes: `FETCH /healthz HTTP/1.1\r\n${HOST}\r\n` },
  { name: "no Host", bytes: "GET /healthz HTTP/1.1\r\n\r\n" },
  { name: "a Host that is none", bytes: "GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n" },
  { name: "two Hosts", bytes: `GET /healthz HTTP/1.1\r\n${HOST}${HOST}\r\n` },
  { name: "a target that is none", bytes: `GET healthz HTTP/1.1\r\n${HOST}\r\n` },
  { name: "a backslash in the path", bytes: `GET /users\\x HTTP/1.1\r\n${HOST}\r\n` },
  { name: "a line break in a header", bytes: `GET /healthz HTTP/1.1\r\n${HOST}A: b\rc\r\n\r\n` },
  { name: "NUL in a header", bytes: `GET /healthz HTTP/1.1\r\n${HOST}A: b\u0000c\r\n\r\n` },
  { name: "a space before a colon", bytes: `GET /healthz HTTP/1.1\r\n${HOST}Content-Length : 0\r\n\r\n` },
  {
    name: "Content-Length with Transfer-Encoding",
    bytes: `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    name: "two lengths",
    bytes: `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`,
  },
  { name: "a length that is none", bytes: `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: -1\r\n\r\n` },
  {
    name: "a transfer coding that is not chunked",
    bytes: `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: gzip\r\n\r\n`,
  },
  {
    name: "a chunk that is none",
    bytes: `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n`,
  },
  { name: "a tunnel", bytes: `CONNECT localhost:80 HTTP/1.1\r\n${HOST}\r\n` },
])("$name is answered with a problem, and the connection ends", async ({ bytes }) => {
  const { port, exchanges } = await start();
  const answers = answersIn(await answerTo(port, Buffer.from(bytes, "latin1")));
  expect(answers).toHaveLength(1);
  expectProblem(answers[0], 400, "malformed-request");
  await expect.poll(() => exchanges.map(({ status }) => status)).toEqual([400]);
});

test("a request that cannot be understood gets its own request id back, if it is one", async () => {
  const { port } = await start();
  const [own] = answersIn(await answerTo(port, "GET /healthz HTTP/1.1\r\nX-Request-Id: the-id\r\n\r\n"));
  expect(own?.headers.get("x-request-id")).toBe("the-id");
  const [made] = answersIn(await answerTo(port, "GET /healthz HTTP/1.1\r\nX-Request-Id: a b\r\n\r\n"));
  expect(made?.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

test("headers over 16 KiB are too large", async () => {
  const { port } = await start();
  const [answer] = answersIn(await answerTo(port, `GET /healthz HTTP/1.1\r\n${HOST}A: ${"x".repeat(17_000)}\r\n\r\n`));
  expectProblem(answer, 431, "headers-too-large");
});

test("TRACE is a method like others that a path does not have", async () => {
  const { port } = await start();
  const [answer] = answersIn(await answerTo(port, `TRACE /users HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`));
  expectProblem(answer, 405, "method-not-allowed");
});

test("a Host may be any that is one", async () => {
  const { port } = await start();
  for (const host of ["localhost:", "[::1]:5000", "[::ffff:127.0.0.1]", "EXAMPLE.com", ""]) {
    const bytes = `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    expect(answersIn(await answerTo(port, bytes))[0]?.status, host).toBe(200);
  }
});

test("OPTIONS * is of no path of ours", async () => {
  const { port } = await start();
  const [answer] = answersIn(await answerTo(port, `OPTIONS * HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`));
  expectProblem(answer, 404, "not-found");
});

test("a body that breaks is answered once, by the id and path of its request", async () => {
  const { port, exchanges } = await start();
  const head = `POST /users?x=1 HTTP/1.1\r\n${HOST}${JSON_TYPE}X-Request-Id: the-id\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const [answer] = answersIn(await answerTo(port, `${head}ZZ\r\n`));
  expectProblem(answer, 400, "malformed-request");
  expect(answer?.headers.get("x-request-id")).toBe("the-id");
  expect(JSON.parse(answer!.body)).toHaveProperty("instance", "/users");
  await expect.poll(() => exchanges.map(({ requestId, route }) => [requestId, route])).toEqual([["the-id", "/users"]]);
});

test.for([
  { name: "breaks", body: "Transfer-Encoding: chunked\r\n\r\nZZ\r\n", status: 400 },
  { name: "is slow", body: "Content-Length: 9\r\n\r\n{", status: 408 },
  { name: "is slow, in chunks", body: "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", status: 408 },
])("a body that $name is told of with the status and the id that were answered", async ({ body, status }) => {
  const { port, exchanges } = await start({ headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 });
  for (const id of ["", "X-Request-Id: no id\r\n"]) {
    const [answer] = answersIn(await answerTo(port, `PUT /users/1 HTTP/1.1\r\n${HOST}${JSON_TYPE}${id}${body}`));
    expect(answer?.status).toBe(status);
    const requestId = answer!.headers.get("x-request-id")!;
    const told = { requestId, status, method: "PUT", route: "/users/:id" };
    await expect.poll(() => exchanges).toContainEqual(expect.objectContaining(told));
  }
  expect(exchanges).toHaveLength(2);
});

test("a body that breaks after its request has been answered gets no second answer", async () => {
  const { port } = await start();
  const socket = await openConnection(port);
  socket.write(
    `POST /users HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`,
  );
  const [said] = await once(socket, "data");
  socket.write("ZZ\r\n\r\n");
  const answers = answersIn(String(said) + (await text(socket)));
  expect(answers.map(({ status }) => status)).toEqual([415]);
});

test("garbage on a connection that was used is answered, and a request before it too", async () => {
  const { port } = await start();
  const socket = await openConnection(port);
  socket.write(`GET /healthz HTTP/1.1\r\n${HOST}\r\n`);
  const [said] = await once(socket, "data");
  socket.write("!!! garbage !!!\r\n\r\n");
  const answers = answersIn(String(said) + (await text(socket)));
  expect(answers.map(({ status }) => status)).toEqual([200, 400]);
});

test("clients that reset their connections at any moment end nothing but those", async () => {
  const { port, url, errors } = await start();
  const body = `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`;
  for (const bytes of [
    `CONNECT a:1 HTTP/1.1\r\n${HOST}\r\n`,
    "garbage\r\n\r\n",
    body,
    `GET /users HTTP/1.1\r\n${HOST}\r\n`,
  ]) {
    for (let n = 0; n < 50; n += 1) {
      const socket = await openConnection(port);
      await new Promise((resolve) => socket.write(bytes, resolve));
      socket.resetAndDestroy();
    }
  }
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(errors).toEqual([]);
});

test("a body that says it is too large is refused before it is sent", async () => {
  const { port } = await start();
  const socket = await openConnection(port);
  socket.write(`POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 70000\r\n\r\n`);
  const [said] = await once(socket, "data");
  expectProblem(answersIn(String(said))[0], 413, "payload-too-large");
});

test("a connection without a request does not hold up a drain", async () => {
  const { port, drain } = await start();
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

test("an answer that has begun when a drain begins is finished, and its connection ended", async () => {
  let finish!: () => void;
  const fetchSlowly = () =>
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
  const { drain, url } = await startServer({ ...bare, fetch: fetchSlowly });
  const response = await fetch(url);
  const drained = drain();
  finish();
  expect(await response.text()).toBe("begun finished");
  await drained;
});

test("what is thrown past the app is told, and the client gets a 500 that shows nothing of it", async () => {
  const errors: unknown[] = [];
  const { drain, url } = await startServer({
    ...bare,
    fetch: () => Promise.reject(new Error("secret")),
    onError: (error) => void errors.push(error),
  });
  onTestFinished(drain);
  const response = await fetch(url);
  expect(response.status).toBe(500);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.text()).not.toContain("secret");
  expect(errors).toEqual([new Error("secret")]);
});

test("it listens on IPv6 and says so", async () => {
  const { drain, url } = await startServer({ ...bare, host: "::1", fetch: () => new Response("here") });
  onTestFinished(drain);
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect(await (await fetch(url)).text()).toBe("here");
});

test("a connection is kept for longer than load balancers keep theirs", async () => {
  const { url } = await start();
  expect((await fetch(`${url}/healthz`)).headers.get("keep-alive")).toBe("timeout=65");
});

test("HTTP/1.0 needs no Host", async () => {
  const { port } = await start();
  expect(answersIn(await answerTo(port, "GET /healthz HTTP/1.0\r\n\r\n"))[0]?.status).toBe(200);
});

test("a target in absolute form is served, and its host is not believed", async () => {
  const { port, url } = await start();
  for (const email of ["a@example.com", "b@example.com"]) {
    const headers = { "content-type": "application/json" };
    await fetch(`${url}/users`, { method: "POST", headers, body: JSON.stringify(newUser({ email })) });
  }
  const target = "http://evil.example/users?limit=1";
  const [answer] = answersIn(await answerTo(port, `GET ${target} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`));
  expect(answer?.status).toBe(200);
  expect(answer?.headers.get("link")).toMatch(/^<\/users\?/);
  expect(JSON.stringify([...answer!.headers])).not.toContain("evil");
});

test("an expectation that is not known does not keep a request from being served", async () => {
  const { port } = await start();
  const bytes = `GET /healthz HTTP/1.1\r\n${HOST}Expect: the-unexpected\r\nConnection: close\r\n\r\n`;
  expect(answersIn(await answerTo(port, bytes))[0]?.status).toBe(200);
});

test("garbage behind a request does not cost the request its answer", async () => {
  const { port } = await start();
  const [answer] = answersIn(await answerTo(port, `GET /healthz HTTP/1.1\r\n${HOST}\r\n!!! garbage !!!\r\n\r\n`));
  expect(answer?.status).toBe(200);
});

test("a body that never ends is answered when it is over the limit", async () => {
  const { port } = await start();
  const socket = await openConnection(port);
  socket.on("error", () => undefined); // it ends the connection under our hands, as it should
  const closed = new Promise((resolve) => void socket.once("close", resolve));
  socket.write(`POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n`);
  const more = () => socket.write(`4000\r\n${"x".repeat(0x4000)}\r\n`, (error) => error ?? setImmediate(more));
  more();
  const [said] = await once(socket, "data");
  expectProblem(answersIn(String(said))[0], 413, "payload-too-large");
  await closed;
});

test("a client that leaves in the middle of a body is the client's affair", async () => {
  const { port, exchanges, errors } = await start();
  const socket = await openConnection(port);
  socket.write(`POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 100\r\n\r\n{"lastname":`);
  await expect.poll(async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  socket.resetAndDestroy();
  await expect.poll(() => exchanges.find(({ route }) => route === "/users")?.status).toBe(400);
  expect(errors).toEqual([]);
});

test("a client that is slow to send its headers, or its body, is told so and let go", async () => {
  const { port } = await start({ headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 });
  const [headers] = answersIn(await answerTo(port, `GET /healthz HTTP/1.1\r\n${HOST}`));
  expectProblem(headers, 408, "request-timeout");
  const [body] = answersIn(
    await answerTo(port, `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 9\r\n\r\n{`),
  );
  expectProblem(body, 408, "request-timeout");
});

test("a body may take its time to arrive: longer than its request may take afterwards", async () => {
  const { port } = await start();
  const socket = await openConnection(port);
  const body = JSON.stringify(newUser());
  const head = `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  socket.write(head + body.slice(0, 5));
  setTimeout(() => socket.write(body.slice(5)), 5_200);
  expect(answersIn(await text(socket))[0]?.status).toBe(201);
});

test("a connection that is idle is ended", async () => {
  const { port } = await start({ keepAliveTimeout: 100 });
  const [answer] = answersIn(await answerTo(port, `GET /healthz HTTP/1.1\r\n${HOST}\r\n`));
  expect(answer?.status).toBe(200);
});
