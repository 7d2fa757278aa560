import { request } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApplication, type TestApplication } from "../testing/start-test-application.ts";

let application: TestApplication;
beforeAll(async () => {
  application = await startTestApplication({
    USERS_AUTH: "none",
    USERS_ALLOWED_HOSTS: "users.example.com",
    USERS_TRUSTED_PROXIES: "127.0.0.1/32",
  });
});
afterAll(() => application.stop());

/** Requests the OpenAPI document, and returns the URLs of its servers. */
async function listServers(headers: Record<string, string>): Promise<string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  request(`${application.url}/openapi.json`, { headers }, (response) => json(response).then(resolve, reject)).end();
  const { servers } = (await promise) as { servers: { url: string }[] };
  return servers.map(({ url }) => url);
}

test("the OpenAPI document has the address of the request as its first server", async () => {
  const { url, port } = application;
  expect(await listServers({})).toEqual([url, "."]);
  for (const host of [`localhost:${port}`, "localhost", "users.example.com", "users.example.com:8080"]) {
    expect(await listServers({ host })).toEqual([`http://${host}`, "."]);
  }
});

test.for([
  ["a proxy forwarded it", { "x-forwarded-proto": "https" }],
  ["a proxy forwarded it by RFC 7239", { forwarded: "proto=https" }],
  ["a browser sent it", { "sec-fetch-site": "same-origin" }],
  ["its host is not in the canonical form", { host: "USERS.example.com" }],
  ["its host has the default port", { host: "localhost:80" }],
] as const)("it has the relative server only if %s", async ([, headers]) => {
  expect(await listServers(headers)).toEqual(["."]);
});
