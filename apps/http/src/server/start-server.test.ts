import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { expect, test } from "vitest";
import { HOST, JSON_TYPE, openConnection } from "../testing/raw-connection.ts";
import { startService, startTestServer } from "../testing/start-service.ts";

test("returns 500 without details if the application throws, and reports the error", async () => {
  const { url, errors } = await startTestServer(() => () => Promise.reject(new Error("secret")));
  const response = await fetch(url);
  expect(response.status).toBe(500);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.text()).not.toContain("secret");
  expect(errors).toEqual([new Error("secret")]);
});

test("listens on IPv6 and formats the URL accordingly", async () => {
  const { url } = await startTestServer(() => () => new Response("here"), {}, "::1");
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect(await (await fetch(url)).text()).toBe("here");
});

test("keeps serving when clients reset their connections at any moment", async () => {
  const { port, url, errors } = await startService(createInMemoryUserRepository());
  for (const bytes of [
    `CONNECT a:1 HTTP/1.1\r\n${HOST}\r\n`,
    "garbage\r\n\r\n",
    `POST /users HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`,
    `GET /users HTTP/1.1\r\n${HOST}\r\n`,
    `GET /users HTTP/1.1\r\n${HOST}\r\n`.repeat(3),
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
