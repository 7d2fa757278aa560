import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import { createUsersClient, type UsersClientOptions } from "./index.ts";
import {
  createToken,
  getCredentials,
  KEY,
  methods,
  startClient,
  success,
  unauthenticated,
} from "./testing/credentials.ts";
import { buildNewUser, catchApiError } from "./testing/fixtures.ts";
import { startProxy, type Behavior } from "./testing/start-proxy.ts";

test.for(methods)("sends the API key or token with %s", async ([, call]) => {
  for (const options of [{ apiKey: KEY }, { token: createToken(KEY) }]) {
    const client = await startClient([success], options);
    await call(client.users);
    expect(getCredentials(client)).toEqual([`Bearer ${KEY}`]);
  }
});

test.for<[label: string, options: Partial<UsersClientOptions>]>([
  ["no credential", {}],
  ["an undefined API key", { apiKey: undefined }],
  ["an undefined token", { token: undefined }],
])("sends no Authorization header with %s", async ([, options]) => {
  const client = await startClient([success], options);
  await client.users.get("id");
  expect(getCredentials(client)).toEqual(["none"]);
});

test("keeps the other headers of the client beside a credential", async () => {
  for (const options of [{ apiKey: KEY }, { token: createToken(KEY) }]) {
    const { users, requests } = await startClient([success], { ...options, headers: { "X-One": "1" } });
    await users.update("id", { lastname: "Roe" });
    expect(requests[0]!.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      "x-one": "1",
      "content-type": "application/merge-patch+json",
    });
  }
});

const invalidCredentials: [label: string, value: unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["a number", 123_456],
  ["an object", { access_token: "secret" }],
  ["an empty string", ""],
  ["a line feed at the end", "secret\n"],
  ["a second header", "secret\r\nX-Y: z"],
  ["a scheme", "Bearer secret"],
  ["a comma", "secret,secret"],
  ["a space at the start", " secret"],
  ["a non-ASCII character", "sécret"],
  ["a NUL", "secret\0"],
  ["an equals sign inside", "se=cret"],
  ["only an equals sign", "="],
];
const rule = 'must be ASCII letters, digits and "-._~+/", optionally followed by "=".';

test.for(invalidCredentials)("rejects an invalid token and sends nothing: %s", async ([, value]) => {
  const { users, requests } = await startClient([success], { token: async () => value as string });
  await expect(users.get("id")).rejects.toThrow(new TypeError(`The result of token ${rule}`));
  expect(requests).toEqual([]);
});

// An `apiKey` that is `undefined` is none.
test.for(invalidCredentials.slice(1))("rejects an invalid API key: %s", ([, value]) => {
  const options = { baseUrl: "https://api.example.com", apiKey: value as string };
  expect(() => createUsersClient(options)).toThrow(new TypeError(`apiKey ${rule}`));
});

/** Every way to set a credential. */
const credentials: [label: string, options: Partial<UsersClientOptions>][] = [
  ["an API key", { apiKey: KEY }],
  ["a token", { token: createToken(KEY) }],
  ["an Authorization header", { headers: { Authorization: `Bearer ${KEY}` } }],
  ["a header with another scheme in lower case", { headers: { authorization: "Basic am9objpzZWNyZXQ=" } }],
];

const protectedUrls = [
  "https://api.example.com",
  "https://192.0.2.1:8443/prod",
  "http://localhost:5000",
  "http://LOCALHOST",
  "http://127.0.0.1:5000",
  "http://127.255.0.9",
  "http://127.1",
  "http://[::1]:5000",
  "http://[0:0:0:0:0:0:0:1]",
];
const unprotectedUrls = [
  "http://api.example.com",
  "http://api.example.com:443",
  "http://users",
  "http://users.localhost",
  "http://localhost.",
  "http://localhost.example.com",
  "http://notlocalhost",
  "http://127.0.0.1.example.com",
  "http://128.0.0.1",
  "http://1127.0.0.1.nip.io",
  "http://0.0.0.0:5000",
  "http://10.0.0.1",
  "http://192.168.127.1",
  "http://[::]",
  "http://[::2]",
  "http://[::ffff:192.0.2.1]",
];

test.for(credentials)("accepts %s only with https or http to this machine", ([, options]) => {
  for (const baseUrl of protectedUrls) {
    expect(() => createUsersClient({ ...options, baseUrl }), baseUrl).not.toThrow();
  }
  const message = "baseUrl must be an https URL, because a credential is sent; http is for this machine only.";
  for (const baseUrl of unprotectedUrls) {
    expect(() => createUsersClient({ ...options, baseUrl }), baseUrl).toThrow(new TypeError(message));
  }
});

test("accepts http to any host without a credential", () => {
  for (const baseUrl of unprotectedUrls) {
    expect(() => createUsersClient({ baseUrl, apiKey: undefined, headers: { "X-One": "1" } }), baseUrl).not.toThrow();
  }
});

test("resolves a relative base URL before it requires https", () => {
  try {
    vi.stubGlobal("location", new URL("http://app.example.com/page.html"));
    expect(() => createUsersClient({ baseUrl: "/api", apiKey: KEY })).toThrow(/^baseUrl must be an https URL, because/);
    vi.stubGlobal("location", new URL("https://app.example.com/page.html"));
    expect(() => createUsersClient({ baseUrl: "/api", apiKey: KEY })).not.toThrow();
  } finally {
    vi.unstubAllGlobals();
  }
});

test.for([301, 302, 303, 307, 308])("sends the credential to no other origin after a %d", async (status) => {
  for (const [, options] of credentials) {
    const target = await startProxy();
    const redirection: Behavior = { status, headers: { location: `${target.url}/users/id` } };
    const { users, requests } = await startClient([redirection, redirection], options);
    for (const call of [() => users.get("id"), () => users.create(buildNewUser())]) {
      expect(await catchApiError(call())).toMatchObject({ type: "unexpected-response", status });
    }
    expect(requests).toHaveLength(2);
    expect(target.requests).toEqual([]);
  }
});

/** Formats a value as the console does, as text and as JSON. */
function format(value: unknown): string {
  const inspected = inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true });
  return [inspected, String(value), JSON.stringify(value)].join("\n");
}

const SECRET = /secret|am9objpzZWNyZXQ/;

test.for(credentials)("keeps %s out of errors and of the formatted client", async ([, options]) => {
  const responses: Behavior[] = [unauthenticated, unauthenticated, { status: 418 }, "reset", "hang", success];
  const client = await startClient(responses, { ...options, retries: 0, timeout: 100 });
  expect(format(client.users)).not.toMatch(SECRET);
  for (const type of ["unauthenticated", "unauthenticated", "unexpected-response", "network-error", "network-error"]) {
    const error = await catchApiError(client.users.get("id"));
    expect(error.type).toBe(type);
    expect(format(error)).not.toMatch(SECRET);
  }
  expect(getCredentials(client)[0]).toMatch(SECRET);
});

test.for<[label: string, options: Partial<UsersClientOptions>]>([
  ...credentials.map(([label, options]): [string, Partial<UsersClientOptions>] => [
    `${label} without https`,
    { ...options, baseUrl: "http://api.example.com" },
  ]),
  ...invalidCredentials
    .slice(1)
    .map(([label, value]): [string, Partial<UsersClientOptions>] => [label, { apiKey: value as string }]),
  ["an API key beside a header", { apiKey: KEY, headers: { Authorization: "Basic am9objpzZWNyZXQ=" } }],
  ["a header with a line feed", { headers: { authorization: "Bearer secret\nX-Y: z" } }],
  ["a second header with a line feed", { headers: { Authorization: "Bearer", authorization: "Bearer secret\n2" } }],
])("keeps the credential out of the error for invalid options: %s", ([, options]) => {
  let error: unknown;
  try {
    createUsersClient({ baseUrl: "https://api.example.com", ...options });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(TypeError);
  const { message, cause } = error as TypeError;
  expect(`${message} ${inspect(cause)}`).not.toMatch(/s[eé]=?cret|am9objpzZWNyZXQ|123456/);
});
