import { expect, onTestFinished, test, vi } from "vitest";
import { createUsersClient, type Fetch, type UsersClientOptions } from "./index.ts";
import { startProxy } from "./testing/start-proxy.ts";

const nobody = {
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
] as const)("the API is below its base URL, which may end in '%s'", async ([end, path]) => {
  const { url, calls, expect: expectFates } = await startProxy();
  expectFates(nobody, nobody);
  for (const baseUrl of [url + end, new URL(url + end)]) {
    expect(await createUsersClient({ baseUrl }).findByEmail("a+b@example.com")).toBeUndefined();
  }
  expect(calls.map((call) => call.path)).toEqual(Array(2).fill(`${path}?email=a%2Bb%40example.com`));
});

test("on a web page a base URL may be relative to it", async () => {
  const { url, calls, expect: expectFates } = await startProxy();
  vi.stubGlobal("location", new URL(`${url}/app/page.html`));
  onTestFinished(() => void vi.unstubAllGlobals());
  expectFates(nobody, nobody);
  for (const baseUrl of ["api/", "/api"]) await createUsersClient({ baseUrl }).pages().next();
  expect(calls.map(({ path }) => path)).toEqual(["/app/api/users", "/api/users"]);
});

const baseUrl = "https://api.example.com";
test.for<[wrong: UsersClientOptions, message: RegExp]>([
  [{ baseUrl: "" }, /^baseUrl must be a URL of http or https/],
  [{ baseUrl: "/api" }, /^baseUrl/],
  [{ baseUrl: "api.example.com" }, /^baseUrl/],
  [{ baseUrl: "localhost:5000" }, /^baseUrl/],
  [{ baseUrl: "ftp://api.example.com" }, /^baseUrl/],
  [{ baseUrl: "https://john:secret@api.example.com" }, /^baseUrl/],
  [{ baseUrl: "https://api.example.com?stage=prod" }, /^baseUrl/],
  [{ baseUrl: "https://api.example.com#prod" }, /^baseUrl/],
  [{ baseUrl, retries: -1 }, /^retries must be a whole number from 0$/],
  [{ baseUrl, retries: 1.5 }, /^retries/],
  [{ baseUrl, retries: Number.POSITIVE_INFINITY }, /^retries/],
  [{ baseUrl, timeout: 0 }, /^timeout must be 1 to 2147483647 milliseconds$/],
  [{ baseUrl, timeout: Number.NaN }, /^timeout/],
  [{ baseUrl, timeout: 2 ** 31 }, /^timeout/],
  [{ baseUrl, headers: { "X Y": "z" } }, /X Y/i],
  [{ baseUrl, headers: { "X-Y": "a\nb" } }, /a\nb/],
])("a wrong option is told at once: %j", ([wrong, message]) => {
  expect(() => createUsersClient(wrong)).toThrow(TypeError);
  expect(() => createUsersClient(wrong)).toThrow(message);
});

test("a fetch of one's own is asked with all that a request is made of", async () => {
  const { url, calls, expect: expectFates } = await startProxy();
  expectFates(nobody);
  const asked: string[] = [];
  const own: Fetch = (address, init) => {
    asked.push(`${init.method} ${address}`);
    return fetch(address, init);
  };
  const users = createUsersClient({ baseUrl: url, headers: { "X-One": "1" }, fetch: own });
  expect(await users.pages().next()).toMatchObject({ value: { users: [] } });
  expect(asked).toEqual([`GET ${url}/users`]);
  expect(calls[0]!.headers).toMatchObject({ "x-one": "1" });
});

test("the platform's fetch is the one that is there when it is needed, called on what it belongs to", async () => {
  const { url, expect: expectFates } = await startProxy();
  expectFates(nobody);
  const users = createUsersClient({ baseUrl: url });
  const { fetch } = globalThis;
  onTestFinished(() => void (globalThis.fetch = fetch));
  const calledOn: unknown[] = [];
  globalThis.fetch = function (this: unknown, ...request: Parameters<typeof fetch>) {
    calledOn.push(this);
    return fetch(...request);
  };
  await users.pages().next();
  expect(calledOn).toEqual([globalThis]);
});
