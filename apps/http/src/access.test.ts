import { nodePlatform } from "@user-management/node-platform";
import { createCredentialFactory, describeAccessContract } from "@user-management/rest-adapter/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { createKey, createKeyInFile } from "./testing/create-key.ts";
import { HOST, openConnection, parseResponses, sendBytes } from "./testing/raw-connection.ts";
import { listWarnings, startTestApplication, type TestApplicationOptions } from "./testing/start-test-application.ts";

async function start(environment: Record<string, string> = {}, options: TestApplicationOptions = {}) {
  const application = await startTestApplication(environment, options);
  onTestFinished(application.stop);
  return application;
}

const getStatus = async (url: string, key?: string) =>
  (await fetch(`${url}/users`, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } })).status;

const ISSUER = { USERS_TOKEN_ISSUER: "http://127.0.0.1:9", USERS_TOKEN_AUDIENCE: "users" };
const withKey: TestApplicationOptions = { prepare: (store) => createKey(store.keys) };

const post = (headers: string) =>
  `POST /users HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n${headers}\r\n`;

describe("the start", () => {
  test.for([
    ["auto on loopback", {}, {}, 200],
    ["auto on loopback with a key", {}, withKey, 401],
    ["auto on loopback with an issuer", ISSUER, {}, 401],
    ["required on loopback", { USERS_AUTH: "required" }, {}, 401],
    ["none on loopback with a key", { USERS_AUTH: "none" }, withKey, 200],
    ["auto on every address with a key", { HOST: "0.0.0.0" }, withKey, 401],
    ["auto on every address with an issuer", { HOST: "0.0.0.0", ...ISSUER }, {}, 401],
    ["none on every address", { HOST: "0.0.0.0", USERS_AUTH: "none" }, {}, 200],
    ["auto on a loopback name", { HOST: "localhost" }, {}, 200],
  ] as const)("with %s: a request without a credential", async ([, environment, options, status]) => {
    const { url } = await start(environment, options);
    expect(await getStatus(url.replace("0.0.0.0", "127.0.0.1"))).toBe(status);
  });

  test.for([
    ["auto on every address", { HOST: "0.0.0.0" }],
    ["auto on every IPv6 address", { HOST: "::" }],
    ["required on every address", { HOST: "0.0.0.0", USERS_AUTH: "required" }],
    ["auto as a Lambda Web Function", { AWS_LAMBDA_HTTP_ENDPOINT: "127.0.0.1:0" }],
  ] as const)("fails with %s and neither key nor issuer, and names the options", async ([, environment]) => {
    const failure = startTestApplication(environment);
    await expect(failure).rejects.toThrow(/userctl keys create .*USERS_TOKEN_ISSUER .*USERS_AUTH=none/s);
  });

  test("warns of an unauthenticated server and of keys that expire soon", async () => {
    const { log } = await start();
    await expect
      .poll(() => listWarnings({ log }))
      .toEqual([expect.stringMatching(/no credential until the first API key/)]);
    const expires_at = new Date(Date.now() + 86_400_000).toISOString();
    const other = await start({}, { prepare: (store) => createKey(store.keys, { name: "billing", expires_at }) });
    await expect
      .poll(() => listWarnings(other))
      .toEqual([expect.stringMatching(/expire within 14 days: \w{12} \(billing\)/)]);
  });
});

describe("keys", () => {
  test("the first key closes a running server, works at once, and is rejected once it is revoked", async () => {
    const { url, store, path, log } = await start({}, { keysMaxAgeMs: 100 });
    expect(await getStatus(url)).toBe(200);
    const { key, record } = await createKeyInFile(path);
    expect(await getStatus(url, key)).toBe(200);
    expect(await getStatus(url)).toBe(401);
    const context = {
      requestId: "1",
      caller: { id: undefined, auth: "none", scopes: [] },
      signal: AbortSignal.timeout(5_000),
    } as const;
    await store.keys.revoke(record.id, new Date().toISOString(), context);
    await expect.poll(() => getStatus(url, key), { timeout: 5_000 }).toBe(401);
    expect(await getStatus(url, key)).toBe(401);
    expect(log.filter(({ key: id }) => id === record.id)).toEqual([
      expect.objectContaining({ level: "warn", msg: "requests with an API key that is revoked are rejected" }),
    ]);
    expect(await getStatus(url)).toBe(401);
  });

  test("a connection carries no rights over to its next request", async () => {
    let key = "";
    const { port } = await start({}, { prepare: async (store) => (key = (await createKey(store.keys)).key) });
    const [first, second] = parseResponses(
      await sendBytes(
        port,
        `GET /users HTTP/1.1\r\n${HOST}Authorization: Bearer ${key}\r\n\r\n` +
          `GET /users HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
      ),
    );
    expect([first?.status, second?.status]).toEqual([200, 401]);
  });

  test("log records have the caller, and no credential", async () => {
    let key = "";
    const { url, log } = await start({}, { prepare: async (store) => (key = (await createKey(store.keys)).key) });
    await getStatus(url, key);
    const invalid = "umk_invalid-credential";
    await getStatus(url, invalid);
    await expect.poll(() => log).toContainEqual(expect.objectContaining({ status: 401, auth: "none" }));
    expect(log).toContainEqual(
      expect.objectContaining({ status: 200, auth: "key", caller: expect.stringMatching(/^\w{12}$/) }),
    );
    expect(JSON.stringify(log)).not.toContain(key);
    expect(JSON.stringify(log)).not.toContain(invalid);
  });
});

describe("an unauthenticated server on loopback", () => {
  test.for([
    ["the IPv4 address", "Host: 127.0.0.1:5000\r\n", 200],
    ["another loopback address", "Host: 127.1.2.3\r\n", 200],
    ["the IPv6 address", "Host: [::1]:5000\r\n", 200],
    ["localhost in upper case", "Host: LOCALHOST\r\n", 200],
    ["an allowed host", "Host: users.internal:80\r\n", 200],
    ["its own origin", "Host: localhost:5000\r\nOrigin: http://localhost:5000\r\n", 200],
    ["an allowed origin", "Host: localhost\r\nOrigin: https://app.example.com\r\n", 200],
    ["a foreign host", "Host: example.com\r\n", 421],
    ["a host that begins with localhost", "Host: localhost.example.com\r\n", 421],
    ["a host that begins with a loopback address", "Host: 127.0.0.1.example.com\r\n", 421],
    ["the unspecified address", "Host: 0.0.0.0\r\n", 421],
    ["a foreign origin", "Host: localhost\r\nOrigin: https://example.com\r\n", 421],
    ["an origin with another port", "Host: localhost:5000\r\nOrigin: http://localhost:3000\r\n", 421],
    ["the origin null", "Host: localhost\r\nOrigin: null\r\n", 421],
    ["Forwarded", "Host: localhost\r\nForwarded: for=192.0.2.1\r\n", 421],
    ["X-Forwarded-For", "Host: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n", 421],
    ["X-Forwarded-Host", "Host: localhost\r\nX-Forwarded-Host: example.com\r\n", 421],
    ["Via", "Host: localhost\r\nVia: 1.1 proxy\r\n", 421],
  ] as const)("responds to a request with %s", async ([, headers, status]) => {
    const { port } = await start({
      USERS_ALLOWED_HOSTS: "users.internal",
      USERS_ALLOWED_ORIGINS: "https://app.example.com",
    });
    const received = await sendBytes(port, `GET /users HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);
    expect(parseResponses(received)[0]?.status).toBe(status);
  });

  test("accepts every host once a credential is required", async () => {
    const { port } = await start({}, withKey);
    const received = await sendBytes(port, "GET /users HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n");
    expect(parseResponses(received)[0]?.status).toBe(401);
  });
});

describe("Expect: 100-continue", () => {
  test("without a credential the response is 401, without an invitation to send the body", async () => {
    const { port } = await start({}, withKey);
    const received = await sendBytes(port, post(""));
    expect(received).toMatch(/^HTTP\/1\.1 401 /);
  });

  test("with a credential the client is invited to send the body", async () => {
    let key = "";
    const { port } = await start({}, { prepare: async (store) => (key = (await createKey(store.keys)).key) });
    const socket = await openConnection(port);
    socket.write(post(`Authorization: Bearer ${key}\r\nConnection: close\r\n`));
    let received = "";
    for await (const chunk of socket) {
      received += String(chunk);
      if (received === "HTTP/1.1 100 Continue\r\n\r\n") socket.write("{}");
    }
    expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 /);
  });
});

describeAccessContract("the Node server", async () => {
  const { url, store } = await start({ USERS_AUTH: "required" });
  return {
    request: (path, init) => fetch(url + path, init),
    createCredential: createCredentialFactory({ keys: store.keys, ...nodePlatform }),
  };
});
