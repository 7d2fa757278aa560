import { createUserService } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { expect, test } from "vitest";
import { createApp } from "../index.ts";
import { createClient, json, newUser } from "./client.ts";
import { expectDescribed } from "./expect-described.ts";

const app = createApp({
  users: createUserService({
    users: createInMemoryUserRepository(),
    now: () => new Date(),
    newId: () => crypto.randomUUID(),
    digest: (text) => text,
  }),
});

const JSON_TYPE = { "content-type": "application/json" };

/** What an answer has otherwise than the app gave it. A header or a member that is `undefined` is left out. */
interface Changes {
  readonly status?: number;
  readonly headers?: Record<string, string | undefined>;
  readonly body?: Record<string, unknown>;
  readonly text?: string;
}

async function changed(answer: Response, { status, headers = {}, body, text }: Changes): Promise<Response> {
  const given = await answer.text();
  const fields = Object.entries({ ...Object.fromEntries(answer.headers), ...headers });
  return new Response(text ?? (body ? JSON.stringify({ ...JSON.parse(given), ...body }) : given || null), {
    status: status ?? answer.status,
    headers: fields.filter((field): field is [string, string] => field[1] !== undefined),
  });
}

async function create(): Promise<string> {
  const init = { method: "POST", headers: JSON_TYPE, body: JSON.stringify(newUser()) };
  return String((await json(await app.request("/users", init)))["user_id"]);
}

/** Asks the app, with the id of a user for `{user_id}`, and judges what it has answered with these changes. */
async function judge(path: string, init: RequestInit = {}, changes: Changes = {}): Promise<void> {
  const asked = path.replace("{user_id}", await create());
  await expectDescribed(asked, init, await changed(await app.request(asked, init), changes));
}

const CHANGE = { method: "PUT", headers: JSON_TYPE, body: JSON.stringify({ lastname: "Roe" }) };
const PATCH = { ...CHANGE, method: "PATCH" };

const requests: [string, RequestInit?][] = [
  ["/users", { method: "POST", headers: { ...JSON_TYPE, prefer: "x" }, body: JSON.stringify(newUser()) }],
  ["/users", { method: "POST", headers: JSON_TYPE, body: "{}" }],
  ["/users?limit=5&email=a+b=c@example.com"],
  ["/users?limit=0"],
  ["/users", { headers: new Headers({ "X-Request-Id": "of another form" }) }],
  ["/users", { headers: [["X-Request-Id", "the-id"]] }],
  ["/users/{user_id}"],
  ["/users/{user_id}", { method: "HEAD" }],
  ["/users/{user_id}", { headers: { "If-None-Match": "*" } }],
  ["/users/{user_id}", CHANGE],
  ["/users/{user_id}", { ...PATCH, headers: { "content-type": "Application/Merge-Patch+JSON; charset=utf-8" } }],
  ["/users/{user_id}", { method: "DELETE" }],
  ["/users/{user_id}", { method: "DELETE", headers: { cookie: "a=1" }, body: "ignored" }],
  ["/users/{user_id}", { method: "POST" }],
  ["/users/nobody"],
  ["/users/nobody", { method: "HEAD" }],
  ["/nowhere"],
  ["/nowhere", { method: "HEAD" }],
  ["/openapi.json"],
];

test.each(requests)("what the app answers to %s, %o is as described", async (path, init) => {
  await judge(path, init);
});

const user = "/users/{user_id}";

const wrongAnswers: [what: string, path: string, init: RequestInit, changes: Changes, says: string][] = [
  ["another status", user, {}, { status: 299 }, "has a status that is described"],
  ["another status of HEAD", user, { method: "HEAD" }, { status: 299 }, "has a status that is described"],
  ["a status that another operation has", user, {}, { status: 201 }, "has a status that is described"],
  ["without a required header", user, {}, { headers: { etag: undefined } }, "has ETag"],
  ["of HEAD without a required header", user, { method: "HEAD" }, { headers: { etag: undefined } }, "has ETag"],
  ["without an id", "/users/nobody", {}, { headers: { "x-request-id": undefined } }, "has X-Request-Id"],
  ["a header that none has", user, {}, { headers: { server: "x" } }, "has server, which is not described"],
  ["a header of another", user, {}, { headers: { location: "/" } }, "has location, which is not described"],
  ["a header of another form", user, CHANGE, { headers: { "preference-applied": "x" } }, "preference-applied is as"],
  ["another media type", user, {}, { headers: { "content-type": "text/plain" } }, "has a media type"],
  ["a media type of HEAD", user, { method: "HEAD" }, { headers: { "content-type": "text/plain" } }, "has a media type"],
  ["no media type", user, {}, { headers: { "content-type": undefined } }, "has a media type"],
  ["a media type of nothing", user, { headers: { "if-none-match": "*" } }, { headers: JSON_TYPE }, "has a media type"],
  ["a body of HEAD", user, { method: "HEAD" }, { text: "{}" }, "has no body"],
  ["a field more", user, {}, { body: { age: 7 } }, "must NOT have additional properties"],
  ["a field less", user, {}, { body: { user_id: undefined } }, "must have required property 'user_id'"],
  ["a field of another type", user, {}, { body: { lastname: 7 } }, "/lastname must be string"],
  ["another message", user, CHANGE, { body: { message: "User deleted" } }, "/message must be equal to constant"],
  [
    "another type of problem",
    "/users/nobody",
    {},
    { body: { type: problem("email-taken") } },
    "/type must be equal to one of the allowed values",
  ],
  [
    "a type of no problem",
    "/users/nobody",
    {},
    { body: { type: problem("none") } },
    "/type must be equal to one of the allowed values",
  ],
  ["a problem with a field more", "/users/nobody", {}, { body: { age: 7 } }, "must NOT have additional properties"],
  ["another status where nothing is", "/nowhere", {}, { status: 410 }, "is no operation"],
  ["another status for another method", user, { method: "POST" }, { status: 404 }, "is no operation"],
  ["another Allow", user, { method: "POST" }, { headers: { allow: "GET, PUT" } }, "has Allow"],
  ["no Allow", user, { method: "POST" }, { headers: { allow: undefined } }, "has Allow"],
  ["an Allow where nothing is", "/nowhere", {}, { headers: { allow: "GET" } }, "has Allow"],
  ["no id where nothing is", "/nowhere", {}, { headers: { "x-request-id": undefined } }, "has X-Request-Id"],
  ["a header where nothing is", "/nowhere", {}, { headers: { etag: '"1"' } }, "has etag, which is not described"],
  ["another type where nothing is", "/nowhere", {}, { headers: { "content-type": "text/html" } }, "is a problem"],
  ["a body of HEAD where nothing is", "/nowhere", { method: "HEAD" }, { text: "{}" }, "has no body"],
  ["no problem where nothing is", "/nowhere", {}, { text: "{}" }, "Problem says"],
];

test.each(wrongAnswers)("an answer is refused: %s", async (_, path, init, changes, says) => {
  await judge(path, init);
  await expect(judge(path, init, changes)).rejects.toThrow(says);
});

/** Requests that are answered as if the service had taken them. */
const wrongRequests: [what: string, path: string, init: RequestInit, says: string][] = [
  ["a query parameter that none has", "/users?offset=1", {}, "query parameter offset, which is not described"],
  ["a query parameter of another", `${user}?limit=1`, {}, "query parameter limit, which is not described"],
  ["a limit that is none", "/users?limit=x", {}, "limit is as"],
  ["a limit that is too high", "/users?limit=101", {}, "limit is as"],
  ["a limit behind an escape", "/users?limit=%3101", {}, "limit is as"],
  [
    "a header that none has",
    user,
    { headers: { "if-range": "x" } },
    "header parameter if-range, which is not described",
  ],
  ["a header of another", user, { headers: { Prefer: "x" } }, "header parameter prefer, which is not described"],
  [
    "such a Headers",
    user,
    { headers: new Headers({ Prefer: "x" }) },
    "header parameter prefer, which is not described",
  ],
  ["no body", user, { method: "PUT" }, "has a body of the type none"],
  ["a merge patch", user, { ...CHANGE, headers: { "content-type": "application/merge-patch+json" } }, "has a body of"],
  ["a body of no type", user, { ...CHANGE, headers: {}, body: new Blob(["{}"]) }, "has a body of the type undefined"],
  ["a field that none has", user, { ...CHANGE, body: '{"age":7}' }, "must NOT have additional properties"],
];

test.each(wrongRequests)("a request that was taken is refused: %s", async (_, path, init, says) => {
  const [known] = path.split("?");
  const taken = init.method === undefined ? {} : CHANGE;
  const asked = path.replace("{user_id}", await create());
  const answer = await app.request(known!.replace("{user_id}", await create()), taken);
  expect(answer.status).toBe(200);
  await expect(expectDescribed(asked, init, answer)).rejects.toThrow(says);
});

test("a key that is too long is refused where the service has taken it", async () => {
  const init = { method: "POST", headers: JSON_TYPE, body: JSON.stringify(newUser()) };
  const headers = { ...JSON_TYPE, "Idempotency-Key": "x".repeat(600) };
  const answer = await app.request("/users", init);
  await expect(expectDescribed("/users", { ...init, headers }, answer)).rejects.toThrow("idempotency-key is as");
});

test("an id is refused that the service has echoed though it is of another form, or has not though it is of this", async () => {
  for (const [sent, answered] of [
    ["of another form", "of another form"],
    ["the-id", "another"],
  ] as const) {
    const changes = { headers: { "x-request-id": answered } };
    const judged = judge("/users", { headers: { "x-request-id": sent } }, changes);
    await expect(judged).rejects.toThrow("x-request-id is echoed");
  }
});

test("a client refuses what is not described, in what it sends and in what it is answered", async () => {
  const { ask } = createClient(async (path, init) => changed(await app.request(path, init), { body: { age: 7 } }));
  await expect(ask("/users")).rejects.toThrow("must NOT have additional properties");
  const deaf = createClient(async () => app.request("/users"));
  await expect(deaf.ask("/users?offset=1")).rejects.toThrow("offset, which is not described");
  await expect(deaf.ask("/users", { headers: { prefer: "x" } })).rejects.toThrow("prefer, which is not described");
});

function problem(type: string): string {
  return `urn:user-management:problem:${type}`;
}
