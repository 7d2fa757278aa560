import { expect, onTestFinished, test, vi } from "vitest";
import { createUsersClient, type Fetch, type UsersClientOptions } from "./index.ts";
import { buildNewUser } from "./testing/fixtures.ts";
import { startProxy } from "./testing/start-proxy.ts";

const emptyPage = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: '{"users":[],"next_cursor":null}',
};

test.for([
  ["", "/users"],
  ["/", "/users"],
  ["//", "/users"],
  ["/prod", "/prod/users"],
  ["/prod/", "/prod/users"],
  ["/a%20b/c/", "/a%20b/c/users"],
] as const)("appends paths to a base URL that ends in '%s'", async ([end, path]) => {
  const { url, requests, enqueue } = await startProxy();
  enqueue(emptyPage, emptyPage);
  for (const baseUrl of [url + end, new URL(url + end)]) {
    expect(await createUsersClient({ baseUrl }).findByEmail("a+b@example.com")).toBeUndefined();
  }
  expect(requests.map((request) => request.path)).toEqual(Array(2).fill(`${path}?email=a%2Bb%40example.com`));
});

test("resolves a relative base URL against the web page", async () => {
  const { url, requests, enqueue } = await startProxy();
  vi.stubGlobal("location", new URL(`${url}/app/page.html`));
  onTestFinished(() => void vi.unstubAllGlobals());
  enqueue(emptyPage, emptyPage);
  for (const baseUrl of ["api/", "/api"]) await createUsersClient({ baseUrl }).pages().next();
  expect(requests.map(({ path }) => path)).toEqual(["/app/api/users", "/api/users"]);
});

/** Passes a value of any type as a token, also beside an API key. */
const asToken = (value: unknown): undefined => value as undefined;

const baseUrl = "https://api.example.com";
test.for<[label: string, options: UsersClientOptions, message: RegExp]>([
  ["an empty base URL", { baseUrl: "" }, /^baseUrl must be an http or https URL/],
  ["a relative base URL without a page", { baseUrl: "/api" }, /^baseUrl/],
  ["a base URL without a scheme", { baseUrl: "api.example.com" }, /^baseUrl/],
  ["a base URL with only host and port", { baseUrl: "localhost:5000" }, /^baseUrl/],
  ["a base URL with another scheme", { baseUrl: "ftp://api.example.com" }, /^baseUrl/],
  ["a base URL with credentials", { baseUrl: "https://john:secret@api.example.com" }, /^baseUrl/],
  ["a base URL with a query", { baseUrl: "https://api.example.com?stage=prod" }, /^baseUrl/],
  ["a base URL with a fragment", { baseUrl: "https://api.example.com#prod" }, /^baseUrl/],
  ["a negative number of retries", { baseUrl, retries: -1 }, /^retries must be a whole number of at least 0\.$/],
  ["a fraction of a retry", { baseUrl, retries: 1.5 }, /^retries/],
  ["infinite retries", { baseUrl, retries: Number.POSITIVE_INFINITY }, /^retries/],
  ["a timeout of 0", { baseUrl, timeout: 0 }, /^timeout must be more than 0 and at most 2147483647 milliseconds\.$/],
  ["a timeout that is not a number", { baseUrl, timeout: Number.NaN }, /^timeout/],
  ["a timeout beyond the range of timers", { baseUrl, timeout: 2 ** 31 }, /^timeout/],
  ["an empty API key", { baseUrl, apiKey: "" }, /^apiKey must be ASCII letters, digits and "-\._~\+\/", optionally/],
  ["an API key with its scheme", { baseUrl, apiKey: "Bearer key" }, /^apiKey/],
  ["a token that is no function", { baseUrl, token: asToken("token") }, /^token must be a function\.$/],
  ["a token that is null", { baseUrl, token: asToken(null) }, /^token must be a function\.$/],
  [
    "an API key and a token",
    { baseUrl, apiKey: "key", token: asToken(async () => "token") },
    /^apiKey and token exclude each other\.$/,
  ],
  [
    "an API key beside an Authorization header",
    { baseUrl, apiKey: "key", headers: { Authorization: "Bearer key" } },
    /^headers must not contain Authorization, because apiKey or token is set\.$/,
  ],
  [
    "a token beside an authorization header in lower case",
    { baseUrl, token: async () => "token", headers: { authorization: "Bearer token" } },
    /^headers must not contain Authorization/,
  ],
  ["an empty Authorization header", { baseUrl, headers: { Authorization: "" } }, /^headers\.Authorization must be/],
  ["an API key over http", { baseUrl: "http://api.example.com", apiKey: "key" }, /^baseUrl must be an https URL/],
  ["an invalid header name", { baseUrl, headers: { "X Y": "z" } }, /X Y/i],
  ["an invalid header value", { baseUrl, headers: { "X-Y": "a\nb" } }, /a\nb/],
])("rejects %s", ([, options, message]) => {
  expect(() => createUsersClient(options)).toThrow(TypeError);
  expect(() => createUsersClient(options)).toThrow(message);
});

test("passes the whole request to a custom fetch", async () => {
  const { url, requests, enqueue } = await startProxy();
  enqueue(emptyPage);
  const fetched: string[] = [];
  const customFetch: Fetch = (target, init) => {
    fetched.push(`${init.method} ${target}`);
    return fetch(target, init);
  };
  const users = createUsersClient({ baseUrl: url, headers: { "X-One": "1" }, fetch: customFetch });
  expect(await users.pages().next()).toMatchObject({ value: { users: [] } });
  expect(fetched).toEqual([`GET ${url}/users`]);
  expect(requests[0]!.headers).toMatchObject({ "x-one": "1" });
});

test("calls the global fetch of the time of the request, as a method of the global object", async () => {
  const { url, enqueue } = await startProxy();
  enqueue(emptyPage);
  const users = createUsersClient({ baseUrl: url });
  const { fetch } = globalThis;
  onTestFinished(() => void (globalThis.fetch = fetch));
  const receivers: unknown[] = [];
  globalThis.fetch = function (this: unknown, ...request: Parameters<typeof fetch>) {
    receivers.push(this);
    return fetch(...request);
  };
  await users.pages().next();
  expect(receivers).toEqual([globalThis]);
});

/** Passes a value of any type as a string. */
const asString = (value: unknown): string => value as string;

test.for([
  ["undefined", undefined],
  ["null", null],
  ["a number", 1],
  ["an empty string", ""],
  ["a lone surrogate", "\ud800"],
] as const)("rejects %s as an id, email or external id without sending a request", async ([, value]) => {
  const { url, requests } = await startProxy();
  const users = createUsersClient({ baseUrl: url });
  const idError = new TypeError("user_id must be a non-empty string of well-formed Unicode.");
  await expect(users.get(asString(value))).rejects.toThrow(idError);
  await expect(users.update(asString(value), { lastname: "Roe" })).rejects.toThrow(idError);
  await expect(users.delete(asString(value))).rejects.toThrow(idError);
  await expect(users.findByEmail(asString(value))).rejects.toThrow(
    new TypeError("email must be a non-empty string of well-formed Unicode."),
  );
  await expect(users.findByExternalId(asString(value))).rejects.toThrow(
    new TypeError("external_id must be a non-empty string of well-formed Unicode."),
  );
  expect(requests).toEqual([]);
});

test.for([".", ".."])("rejects '%s' as an id without sending a request", async (id) => {
  const { url, requests } = await startProxy();
  const users = createUsersClient({ baseUrl: url });
  await expect(users.get(id)).rejects.toThrow(new TypeError(`user_id must not be "${id}".`));
  await expect(users.update(id, { lastname: "Roe" })).rejects.toThrow(TypeError);
  await expect(users.delete(id)).rejects.toThrow(TypeError);
  expect(requests).toEqual([]);
});

test.for([
  ["undefined", undefined],
  ["null", null],
  ["a number", 1],
  ["an empty string", ""],
  ["a space", " "],
  ["two lines", '"1"\nX-Y: z'],
  ["a non-ASCII string", '"é☃"'],
] as const)("rejects %s as an entity tag or idempotency key without sending a request", async ([, value]) => {
  const { url, requests } = await startProxy();
  const users = createUsersClient({ baseUrl: url });
  const options = { ifMatch: asString(value) };
  const etagError = new TypeError("ifMatch must be a non-empty string of printable ASCII.");
  await expect(users.update("id", { lastname: "Roe" }, options)).rejects.toThrow(etagError);
  await expect(users.delete("id", options)).rejects.toThrow(etagError);
  if (value !== undefined) {
    await expect(users.create(buildNewUser(), { idempotencyKey: asString(value) })).rejects.toThrow(
      new TypeError("idempotencyKey must be a non-empty string of printable ASCII."),
    );
  }
  expect(requests).toEqual([]);
});
