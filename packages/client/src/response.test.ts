import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { createUsersClient, type Fetch } from "./index.ts";
import { buildNewUser, catchApiError } from "./testing/fixtures.ts";
import { startProxy } from "./testing/start-proxy.ts";

const json = { "content-type": "application/json" };
const problemJson = { "content-type": "application/problem+json" };
const userHeaders = { ...json, etag: '"1"' };

test.for([
  ["seconds", "5", 5],
  ["a date in the past", new Date(0).toUTCString(), 0],
  ["an invalid value", "soon", undefined],
] as const)("reports Retry-After in seconds: %s", async ([, header, seconds]) => {
  const { url, enqueue } = await startProxy();
  enqueue({ status: 429, headers: { "retry-after": header } });
  expect((await catchApiError(createUsersClient({ baseUrl: url }).get("id"))).retryAfter).toBe(seconds);
});

test.for([
  [
    "field",
    [
      { pointer: "#/dob", code: "invalid-date", detail: "must be an existing day" },
      { pointer: "#/email", code: "invalid-email", detail: "must be an email address" },
    ],
    "#/dob must be an existing day; #/email must be an email address",
  ],
  [
    "parameter",
    [{ parameter: "limit", code: "invalid-limit", detail: "must be at most 100" }],
    "limit must be at most 100",
  ],
] as const)("lists every invalid %s in the message", async ([, errors, list]) => {
  const { url, enqueue } = await startProxy();
  const problem = {
    type: "urn:user-management:problem:invalid-user",
    title: "Invalid user",
    detail: "summary",
    errors,
  };
  enqueue({ status: 400, headers: problemJson, body: JSON.stringify(problem) });
  const error = await catchApiError(createUsersClient({ baseUrl: url }).get("id"));
  expect(error).toMatchObject({ message: `Invalid user: ${list}`, errors });
});

test.for([
  ["no list of errors", {}],
  ["an empty list of errors", { errors: [] }],
] as const)("rejects with a problem of an unknown type under its own name, with %s", async ([, members]) => {
  const { url, enqueue } = await startProxy();
  const type = "urn:user-management:problem:quota-exceeded";
  const problem = { type, title: "Quota exceeded", detail: "Too much.", ...members };
  const headers = { "content-type": "application/problem+json; charset=utf-8", "x-request-id": "the-id" };
  enqueue({ status: 429, headers, body: JSON.stringify(problem) });
  const error = await catchApiError(createUsersClient({ baseUrl: url }).get("id"));
  expect(error).toMatchObject({ type: "quota-exceeded", status: 429, problem, requestId: "the-id", errors: [] });
  expect(error.message).toBe("Quota exceeded: Too much.");
});

const buildProblem = (errors: unknown): string =>
  JSON.stringify({ type: "urn:user-management:problem:not-found", title: "Not found", errors });
test.for([
  ["an HTML page", 200, { "content-type": "text/html" }, "<html></html>"],
  ["an HTML page labelled as JSON", 200, json, "<html></html>"],
  ["truncated JSON", 200, json, '{"user_id":'],
  ["a user labelled as text", 200, { "content-type": "text/plain", etag: '"1"' }, '{"user_id":"id"}'],
  ["an empty body", 200, json, ""],
  ["no content", 204, {}, ""],
  ["a JSON string", 200, json, '"user"'],
  ["null", 200, json, "null"],
  ["a JSON array", 200, json, "[]"],
  ["a user_id that is not a string", 200, userHeaders, '{"user_id":1}'],
  [
    "a media type that begins like JSON's",
    200,
    { "content-type": "application/jsonx", etag: '"1"' },
    '{"user_id":"id"}',
  ],
  ["another JSON object", 200, userHeaders, '{"message":"User created"}'],
  ["a user without an entity tag", 200, json, '{"user_id":"id"}'],
  ["a 304", 304, {}, ""],
  ["a problem with a redirection's status code", 302, problemJson, '{"type":"urn:user-management:problem:not-found"}'],
  ["an HTML error page", 404, { "content-type": "text/html" }, "<html></html>"],
  ["an error as plain text", 400, { "content-type": "text/plain" }, "Bad Request"],
  ["a problem of another API", 404, problemJson, '{"type":"about:blank","title":"Not found"}'],
  ["a problem without a type", 404, problemJson, "{}"],
  ["a truncated problem", 404, problemJson, '{"type":"urn:user-management:problem:not-found'],
  ["a problem whose errors are an object", 404, problemJson, buildProblem({})],
  ["a problem whose errors are null", 404, problemJson, buildProblem(null)],
  ["a problem whose errors include null", 404, problemJson, buildProblem([null])],
  ["a gateway's throttling", 429, json, '{"message":"Too Many Requests"}'],
] as const)("rejects %s as an unexpected response", async ([, status, headers, body]) => {
  const { url, requests, enqueue } = await startProxy();
  enqueue({ status, headers, body });
  const error = await catchApiError(createUsersClient({ baseUrl: url }).get("id"));
  expect(error).toMatchObject({ type: "unexpected-response", status, problem: undefined, errors: [] });
  expect(error.message).toMatch(
    /^(The response to GET \/users\/id is not one of this API: \d+ \(.+\)|The response has no ETag|The response body is not one of this API)\.$/,
  );
  expect(requests).toHaveLength(1);
});

test("omits the email from messages", async () => {
  const { url, enqueue } = await startProxy();
  enqueue({ status: 418 });
  const error = await catchApiError(createUsersClient({ baseUrl: url }).findByEmail("john@example.com"));
  expect(error.message).toBe("The response to GET /users is not one of this API: 418 (no content type).");
});

test.for([301, 302, 303, 307, 308])("neither follows nor retries a %d", async (status) => {
  const target = await startProxy();
  const { url, requests, enqueue } = await startProxy();
  const redirection = { status, headers: { location: `${target.url}/users` } };
  enqueue(redirection, redirection);
  const users = createUsersClient({ baseUrl: url, headers: { Authorization: "Bearer token" } });
  for (const error of await Promise.all([users.create(buildNewUser()), users.get("id")].map(catchApiError))) {
    expect(error).toMatchObject({ type: "unexpected-response", status });
  }
  expect(requests).toHaveLength(2);
  expect(target.requests).toEqual([]);
});

test("rejects a browser's redirection, which hides its status code", async () => {
  const inits: RequestInit[] = [];
  const fetch: Fetch = async (_, init) => {
    inits.push(init);
    return Response.error();
  };
  const error = await catchApiError(createUsersClient({ baseUrl: "http://users.example", fetch }).get("id"));
  expect(error).toMatchObject({ type: "unexpected-response", status: 0 });
  expect(inits).toMatchObject([{ redirect: "manual" }]);
});

test("returns an entity tag that a proxy made weak as a strong one", async () => {
  const { url, enqueue } = await startProxy();
  const user = { status: 200, headers: { ...json, etag: 'W/"1"' }, body: '{"user_id":"id"}' };
  const problem = '{"type":"urn:user-management:problem:stale-version"}';
  const stale = { status: 412, headers: { ...problemJson, etag: 'W/"2"' }, body: problem };
  enqueue({ ...user, status: 201 }, user, user, stale);
  const users = createUsersClient({ baseUrl: url });
  expect(await users.create(buildNewUser())).toEqual({ user_id: "id", etag: '"1"' });
  expect(await users.get("id")).toMatchObject({ etag: '"1"' });
  expect(await users.update("id", {})).toEqual({ etag: '"1"' });
  expect(await catchApiError(users.delete("id", { ifMatch: '"1"' }))).toMatchObject({ etag: '"2"' });
});

const LIMIT_BYTES = 8 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** Yields 64 MiB, and counts the chunks that were consumed. */
function* generateChunks(counter: { chunks: number }): Generator<Uint8Array> {
  for (let n = 0; n < 1_024; n += 1) {
    counter.chunks += 1;
    yield new Uint8Array(CHUNK_BYTES).fill(0x20);
  }
}

const tooLongError = {
  name: "ApiError",
  type: "unexpected-response",
  message: "The response to GET /users/id is longer than 8388608 bytes.",
};

test.for([200, 404])("stops reading a %d without an end, and releases the connection", async (status) => {
  const { url, requests, enqueue } = await startProxy();
  const counter = { chunks: 0 };
  enqueue({ status, headers: userHeaders, body: generateChunks(counter) });
  const error = await catchApiError(createUsersClient({ baseUrl: url }).get("id"));
  expect(error).toMatchObject({ ...tooLongError, status });
  await requests[0]!.closed;
  expect(counter.chunks * CHUNK_BYTES).toBeLessThan(4 * LIMIT_BYTES);
  expect(requests).toHaveLength(1);
});

test.for([
  ["as long as the limit", LIMIT_BYTES, true],
  ["one byte longer than the limit", LIMIT_BYTES + 1, false],
] as const)("reads a response that is %s: %d bytes", async ([, length, isAccepted]) => {
  const { url, enqueue } = await startProxy();
  enqueue({ status: 200, headers: userHeaders, body: '{"user_id":"id"}'.padEnd(length) });
  const result = createUsersClient({ baseUrl: url }).get("id");
  if (isAccepted) expect(await result).toEqual({ user: { user_id: "id" }, etag: '"1"' });
  else expect(await catchApiError(result)).toMatchObject({ ...tooLongError, status: 200 });
});

test("limits the length after decompression", async () => {
  const { url, enqueue } = await startProxy();
  const headers = { ...userHeaders, "content-encoding": "gzip" };
  const body = gzipSync('{"user_id":"id"}'.padEnd(LIMIT_BYTES + 1));
  expect(body.byteLength).toBeLessThan(CHUNK_BYTES);
  enqueue({ status: 200, headers, body });
  expect(await catchApiError(createUsersClient({ baseUrl: url }).get("id"))).toMatchObject(tooLongError);
});

test("retries a 503 that is too long", async () => {
  const { url, requests, enqueue } = await startProxy();
  const tooLong = { status: 503, headers: json, body: generateChunks({ chunks: 0 }) };
  enqueue(tooLong, { status: 200, headers: userHeaders, body: '{"user_id":"id"}' });
  expect(await createUsersClient({ baseUrl: url }).get("id")).toMatchObject({ etag: '"1"' });
  expect(requests).toHaveLength(2);
});

test.for([
  ["resolves", () => {}],
  ["rejects", () => Promise.reject(new Error("cannot cancel"))],
  ["never settles", () => new Promise<void>(() => {})],
] as const)("cancels the body of a custom fetch whose cancellation %s", async ([, cancel]) => {
  const counter = { chunks: 0 };
  const chunks = generateChunks(counter);
  const cancelledAt: number[] = [];
  const fetch: Fetch = async () => {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        const { done, value } = chunks.next();
        if (done) controller.close();
        else controller.enqueue(value as Uint8Array<ArrayBuffer>);
      },
      cancel() {
        cancelledAt.push(counter.chunks);
        return cancel();
      },
    });
    return new Response(body, { headers: userHeaders });
  };
  const error = await catchApiError(createUsersClient({ baseUrl: "http://users.example", fetch }).get("id"));
  expect(error).toMatchObject({ ...tooLongError, status: 200 });
  expect(cancelledAt).toHaveLength(1);
  expect(cancelledAt[0]).toBeLessThanOrEqual(LIMIT_BYTES / CHUNK_BYTES + 2);
});

test("decodes characters that are split between chunks", async () => {
  const user = { user_id: "id", lastname: "Doe é ☃ 𝄞" };
  const fetch: Fetch = async () => {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (const byte of new TextEncoder().encode(JSON.stringify(user))) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    return new Response(body, { headers: userHeaders });
  };
  const users = createUsersClient({ baseUrl: "http://users.example", fetch });
  expect(await users.get("id")).toEqual({ user, etag: '"1"' });
});

test("reads the response of a platform without streams", async () => {
  const response = Response.json({ user_id: "id" }, { headers: { etag: '"1"' } });
  Object.defineProperty(response, "body", { value: undefined });
  const fetch: Fetch = async () => response;
  const users = createUsersClient({ baseUrl: "http://users.example", fetch });
  expect(await users.get("id")).toEqual({ user: { user_id: "id" }, etag: '"1"' });
});
