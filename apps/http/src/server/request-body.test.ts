import { once } from "node:events";
import { text } from "node:stream/consumers";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { newUserBody } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import {
  expectProblem,
  HOST,
  JSON_TYPE,
  openConnection,
  parseResponses,
  sendBytes,
} from "../testing/raw-connection.ts";
import { QUICK_DRAIN, startService } from "../testing/start-service.ts";

const start = (timeouts = {}) => startService(createInMemoryUserRepository(), { ...QUICK_DRAIN, ...timeouts });

const post = `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}`;

test("responds once to a malformed body, with the id and path of its request", async () => {
  const { port, records } = await start();
  const head = `POST /users?x=1 HTTP/1.1\r\n${HOST}${JSON_TYPE}X-Request-Id: the-id\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const [response] = parseResponses(await sendBytes(port, `${head}ZZ\r\n`));
  expectProblem(response, 400, "malformed-request");
  expect(response?.headers.get("x-request-id")).toBe("the-id");
  expect(JSON.parse(response!.body)).toHaveProperty("instance", "/users");
  await expect.poll(() => records.map(({ requestId, route }) => [requestId, route])).toEqual([["the-id", "/users"]]);
});

test.for([
  { name: "malformed", body: "Transfer-Encoding: chunked\r\n\r\nZZ\r\n", status: 400 },
  { name: "late", body: "Content-Length: 9\r\n\r\n{", status: 408 },
  { name: "late and chunked", body: "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", status: 408 },
])("records a $name body once, with the status and request id of the response", async ({ body, status }) => {
  const { port, records } = await start({ headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 });
  for (const id of ["", "X-Request-Id: no id\r\n"]) {
    const bytes = `PUT /users/1 HTTP/1.1\r\n${HOST}${JSON_TYPE}${id}${body}`;
    const [response] = parseResponses(await sendBytes(port, bytes));
    expect(response?.status).toBe(status);
    const requestId = response!.headers.get("x-request-id")!;
    const record = { requestId, status, method: "PUT", route: "/users/:id" };
    await expect.poll(() => records).toContainEqual(expect.objectContaining(record));
  }
  expect(records).toHaveLength(2);
});

test("sends no second response to a body that becomes malformed after the first", async () => {
  const { port } = await start();
  const socket = await openConnection(port);
  socket.write(
    `POST /users HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`,
  );
  const [received] = await once(socket, "data");
  socket.write("ZZ\r\n\r\n");
  const responses = parseResponses(String(received) + (await text(socket)));
  expect(responses.map(({ status }) => status)).toEqual([415]);
});

test("rejects a body by its Content-Length before it is sent", async () => {
  const { port } = await start();
  const socket = await openConnection(port);
  socket.write(`${post}Content-Length: 70000\r\n\r\n`);
  const [received] = await once(socket, "data");
  expectProblem(parseResponses(String(received))[0], 413, "payload-too-large");
});

test("rejects an endless body when it exceeds the limit, and closes the connection", async () => {
  const { port } = await start();
  const socket = await openConnection(port);
  socket.on("error", () => undefined); // the server closes the connection while the client writes
  const closed = new Promise((resolve) => void socket.once("close", resolve));
  socket.write(`${post}Transfer-Encoding: chunked\r\n\r\n`);
  const writeMore = () =>
    socket.write(`4000\r\n${"x".repeat(0x4000)}\r\n`, (error) => error ?? setImmediate(writeMore));
  writeMore();
  const [received] = await once(socket, "data");
  expectProblem(parseResponses(String(received))[0], 413, "payload-too-large");
  await closed;
});

test("records a body that its client aborts as 400 and not as an error", async () => {
  const { port, records, errors } = await start();
  const socket = await openConnection(port);
  socket.write(`${post}Content-Length: 100\r\n\r\n{"lastname":`);
  await expect.poll(async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  socket.resetAndDestroy();
  await expect.poll(() => records.find(({ route }) => route === "/users")?.status).toBe(400);
  expect(errors).toEqual([]);
});

test("returns 408 for headers or a body that arrive too late", async () => {
  const { port } = await start({ headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 });
  const [toHeaders] = parseResponses(await sendBytes(port, `GET /healthz HTTP/1.1\r\n${HOST}`));
  expectProblem(toHeaders, 408, "request-timeout");
  const [toBody] = parseResponses(await sendBytes(port, `${post}Content-Length: 9\r\n\r\n{`));
  expectProblem(toBody, 408, "request-timeout");
});

test("accepts a body that takes longer to arrive than the application may take for the request", async () => {
  const { port } = await start();
  const socket = await openConnection(port);
  const body = JSON.stringify(newUserBody());
  const head = `${post}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  socket.write(head + body.slice(0, 5));
  setTimeout(() => socket.write(body.slice(5)), 5_200);
  expect(parseResponses(await text(socket))[0]?.status).toBe(201);
});
