import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { newUserBody } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { expectProblem, HOST, JSON_TYPE, parseResponses, sendBytes } from "../testing/raw-connection.ts";
import { QUICK_DRAIN, startService } from "../testing/start-service.ts";

const start = () => startService(createInMemoryUserRepository(), QUICK_DRAIN);

const post = `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}`;
const lastChunk = "0\r\n\r\n";
const user = JSON.stringify(newUserBody());
const size = user.length.toString(16);

test.for([
  { name: "bytes that are not HTTP", bytes: "hello\r\n\r\n" },
  { name: "a TLS handshake", bytes: "\u0016\u0003\u0001\u0002\u0000\u0001\u0000" },
  { name: "an HTTP/2 preface", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
  { name: "an HTTP/0.9 request line", bytes: "GET /healthz\r\n\r\n" },
  { name: "an HTTP/0.9 request line with headers", bytes: `GET /healthz\r\n${HOST}\r\n` },
  { name: "version 0.9", bytes: `GET /healthz HTTP/0.9\r\n${HOST}\r\n` },
  { name: "version 2.0", bytes: `GET /healthz HTTP/2.0\r\n${HOST}\r\n` },
  { name: "an unknown version", bytes: `GET /healthz HTTP/3.7\r\n${HOST}\r\n` },
  { name: "an unknown method", bytes: `FETCH /healthz HTTP/1.1\r\n${HOST}\r\n` },
  { name: "CONNECT", bytes: `CONNECT localhost:80 HTTP/1.1\r\n${HOST}\r\n` },
  { name: "a missing Host", bytes: "GET /healthz HTTP/1.1\r\n\r\n" },
  { name: "an invalid Host", bytes: "GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n" },
  { name: "a repeated Host", bytes: `GET /healthz HTTP/1.1\r\n${HOST}${HOST}\r\n` },
  { name: "a relative target", bytes: `GET healthz HTTP/1.1\r\n${HOST}\r\n` },
  { name: "a backslash in the path", bytes: `GET /users\\x HTTP/1.1\r\n${HOST}\r\n` },
  { name: "a carriage return in a header", bytes: `GET /healthz HTTP/1.1\r\n${HOST}A: b\rc\r\n\r\n` },
  { name: "NUL in a header", bytes: `GET /healthz HTTP/1.1\r\n${HOST}A: b\u0000c\r\n\r\n` },
  { name: "a space before a colon", bytes: `GET /healthz HTTP/1.1\r\n${HOST}Content-Length : 0\r\n\r\n` },
  {
    name: "Content-Length with Transfer-Encoding",
    bytes: `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${lastChunk}`,
  },
  { name: "a repeated Content-Length", bytes: `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x` },
  { name: "a negative Content-Length", bytes: `${post}Content-Length: -1\r\n\r\n` },
  { name: "Transfer-Encoding: gzip", bytes: `${post}Transfer-Encoding: gzip\r\n\r\n` },
  { name: "Transfer-Encoding: gzip, chunked", bytes: `${post}Transfer-Encoding: gzip, chunked\r\n\r\n${lastChunk}` },
  {
    name: "a repeated Transfer-Encoding",
    bytes: `${post}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n${lastChunk}`,
  },
  {
    name: "Transfer-Encoding in HTTP/1.0",
    bytes: `POST /users HTTP/1.0\r\n${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n${lastChunk}`,
  },
  { name: "an invalid chunk size", bytes: `${post}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n${lastChunk}` },
])("rejects $name with 400 and closes the connection", async ({ bytes }) => {
  const { port, records } = await start();
  const responses = parseResponses(await sendBytes(port, Buffer.from(bytes, "latin1")));
  expect(responses).toHaveLength(1);
  expectProblem(responses[0], 400, "malformed-request");
  expect(responses[0]?.headers.get("connection")).toBe("close");
  await expect.poll(() => records.map(({ status }) => status)).toEqual([400]);
});

test("rejects headers larger than 16 KiB with 431", async () => {
  const { port } = await start();
  const headers = `${HOST}A: ${"x".repeat(17_000)}\r\n`;
  const [response] = parseResponses(await sendBytes(port, `GET /healthz HTTP/1.1\r\n${headers}\r\n`));
  expectProblem(response, 431, "headers-too-large");
});

test("echoes the request id of a malformed request if it is valid, and generates one otherwise", async () => {
  const { port } = await start();
  const [echoed] = parseResponses(await sendBytes(port, "GET /healthz HTTP/1.1\r\nX-Request-Id: the-id\r\n\r\n"));
  expect(echoed?.headers.get("x-request-id")).toBe("the-id");
  const [generated] = parseResponses(await sendBytes(port, "GET /healthz HTTP/1.1\r\nX-Request-Id: a b\r\n\r\n"));
  expect(generated?.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

test.for([
  { name: "an empty port", host: "localhost:" },
  { name: "an IPv6 address", host: "[::1]:5000" },
  { name: "an IPv4-mapped address", host: "[::ffff:127.0.0.1]" },
  { name: "upper case", host: "EXAMPLE.com" },
  { name: "no name", host: "" },
])("accepts a Host with $name", async ({ host }) => {
  const { port } = await start();
  const bytes = `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  expect(parseResponses(await sendBytes(port, bytes))[0]?.status).toBe(200);
});

test.for([
  { name: "HTTP/1.0 without Host", bytes: "GET /healthz HTTP/1.0\r\n\r\n", status: 200 },
  {
    name: "TE",
    bytes: `GET /healthz HTTP/1.1\r\n${HOST}TE: gzip, chunked\r\nConnection: close, TE\r\n\r\n`,
    status: 200,
  },
  {
    name: "an unknown expectation",
    bytes: `GET /healthz HTTP/1.1\r\n${HOST}Expect: the-unexpected\r\nConnection: close\r\n\r\n`,
    status: 200,
  },
  {
    name: "Transfer-Encoding: Chunked",
    bytes: `${post}Transfer-Encoding: Chunked\r\nConnection: close\r\n\r\n${size}\r\n${user}\r\n${lastChunk}`,
    status: 201,
  },
])("accepts $name", async ({ bytes, status }) => {
  const { port } = await start();
  expect(parseResponses(await sendBytes(port, bytes))[0]?.status).toBe(status);
});

test("returns 405 for TRACE, as for any other method that the path does not support", async () => {
  const { port } = await start();
  const bytes = `TRACE /users HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
  expectProblem(parseResponses(await sendBytes(port, bytes))[0], 405, "method-not-allowed");
});

test("returns 404 for OPTIONS *", async () => {
  const { port } = await start();
  const bytes = `OPTIONS * HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
  expectProblem(parseResponses(await sendBytes(port, bytes))[0], 404, "not-found");
});

test("accepts a target in absolute form and ignores its host", async () => {
  const { port, url } = await start();
  for (const email of ["a@example.com", "b@example.com"]) {
    const headers = { "content-type": "application/json" };
    await fetch(`${url}/users`, { method: "POST", headers, body: JSON.stringify(newUserBody({ email })) });
  }
  const target = "http://evil.example/users?limit=1";
  const bytes = `GET ${target} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
  const [response] = parseResponses(await sendBytes(port, bytes));
  expect(response?.status).toBe(200);
  expect(response?.headers.get("link")).toMatch(/^<\/users\?/);
  expect(JSON.stringify([...response!.headers])).not.toContain("evil");
});
