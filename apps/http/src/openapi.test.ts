import { join } from "node:path";
import { createDynamoClient, createDynamoUserRepository } from "@user-management/dynamo-adapter";
import document from "@user-management/rest-adapter/openapi.json" with { type: "json" };
import {
  createClient,
  describedOperations,
  expectDescribed,
  type DescribedAnswer,
  type DescribedOperation,
} from "@user-management/rest-adapter/testing";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import { expect, onTestFinished, test } from "vitest";
import { answersIn, answerTo } from "./testing/raw-connection.ts";
import { freePort, temporaryFolder } from "./testing/start-process.ts";
import { startService, type Service } from "./testing/start-service.ts";

interface Case extends DescribedOperation {
  readonly status: number;
  /** What the document says can be answered: a status, or the name of a problem type. */
  readonly answer: string;
}

const operations = describedOperations();
const cases = operations.flatMap((operation) => operation.answers.flatMap((answer) => casesOf(operation, answer)));

function casesOf(operation: DescribedOperation, { status, bodies }: DescribedAnswer): Case[] {
  const problem = bodies.find(({ type }) => type === "application/problem+json");
  const answers = problem ? Object.keys(problem.examples) : [String(status)];
  return answers.map((answer) => ({ ...operation, status, answer }));
}

test("there is a case for every status of every operation", () => {
  const tested = cases.map(({ method, path, status }) => `${method} ${path} ${status}`);
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]: [string, { responses: object }]) =>
      Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`),
    ),
  );
  expect([...new Set(tested)].toSorted()).toEqual(described.toSorted());
});

test.each(cases)("$method $path answers $status, $answer, as the document says", async (described) => {
  const way = ways[described.answer];
  expect(way, `a way to ${described.answer}`).toBeDefined();
  const response = await way!(described);
  expect(response.status).toBe(described.status);
  if (described.answer !== String(described.status)) {
    expect(await response.clone().json()).toHaveProperty("type", `urn:user-management:problem:${described.answer}`);
  }
});

const optionalHeaders = operations.flatMap((operation) =>
  operation.answers.flatMap(({ status, headers }) =>
    headers.flatMap(({ name, required }) => (required ? [] : [{ ...operation, status, header: name }])),
  ),
);

test.each(optionalHeaders)("$method $path answers $status with $header, where it has it", async (described) => {
  const way = waysToHeaders[described.header];
  expect(way, `a way to ${described.header}`).toBeDefined();
  const response = await way!(described, described.status);
  expect(response.status).toBe(described.status);
  expect([...response.headers.keys()]).toContain(described.header.toLowerCase());
});

interface Sending {
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly query?: string;
  readonly id?: string;
  readonly email?: string;
}

/** Sends an operation's own example, changed by this. What is answered is as described. */
function send(url: string, { method, path, bodies }: DescribedOperation, sending: Sending = {}): Promise<Response> {
  const { headers = {}, query = "", id = "nobody", email } = sending;
  const { ask } = createClient((asked, init) => fetch(url + asked, init));
  const [preferred] = bodies;
  const example = preferred && JSON.stringify({ ...(preferred.examples[""] as object), ...(email && { email }) });
  const body = sending.body ?? example;
  return ask(path.replace("{user_id}", id) + query, {
    method,
    headers: { ...(preferred && { "content-type": preferred.type }), ...headers },
    ...(body !== undefined && { body }),
  });
}

const createUser = operations.find(({ method }) => method === "POST")!;

/** Creates the user of the document's example, or one with this address, and answers the id. */
async function create(url: string, sending: Pick<Sending, "headers" | "email"> = {}): Promise<string> {
  const created = await send(url, createUser, sending);
  expect(created.status).toBe(201);
  return ((await created.json()) as { user_id: string }).user_id;
}

const OTHER = { email: "jane.doe@example.com" };
const PREFERENCE = { prefer: "return=representation" };

/** The answer when there is nothing in the way: to a create where there is no user, to all else where there is one. */
async function succeed(operation: DescribedOperation, headers: Record<string, string> = {}): Promise<Response> {
  const { url } = await start();
  if (operation.pointer === createUser.pointer) return send(url, operation, { headers });
  return send(url, operation, { id: await create(url), headers });
}

/** For each header that an answer can have or not, how a request comes to one with it. */
const waysToHeaders: Record<string, (operation: DescribedOperation, status: number) => Promise<Response>> = {
  "Last-Modified": (operation, status) => {
    if (status === 304) return succeed(operation, { "if-none-match": '"1"' });
    return succeed(operation, operation.method === "GET" ? {} : PREFERENCE);
  },
  "Content-Location": (operation) => succeed(operation, PREFERENCE),
  "Preference-Applied": (operation) => succeed(operation, PREFERENCE),
  "Idempotent-Replayed": async (operation) => {
    const { url } = await start();
    const headers = { "idempotency-key": "key" };
    await create(url, { headers });
    return send(url, operation, { headers });
  },
  Link: async (operation) => {
    const { url } = await start();
    const id = await create(url);
    await create(url, OTHER);
    return send(url, operation, { id, query: "?limit=1" });
  },
  Accept: (operation) => succeed(operation, { "content-type": "text/plain" }),
  "Accept-Encoding": (operation) => succeed(operation, { "content-encoding": "gzip" }),
};

/** For each answer, how a request comes to it. */
const ways: Record<string, (operation: DescribedOperation) => Promise<Response>> = {
  200: (operation) => succeed(operation),
  201: (operation) => succeed(operation),
  304: (operation) => succeed(operation, { "if-none-match": '"1"' }),
  "invalid-user": async (operation) => send((await start()).url, operation, { email: "nobody" }),
  "malformed-body": async (operation) => send((await start()).url, operation, { body: "{" }),
  "invalid-query": async (operation) => send((await start()).url, operation, { query: "?page=1" }),
  "malformed-request": async (operation) => rawAnswer(await start(), operation, "\r\n"),
  "not-found": async (operation) => send((await start()).url, operation),
  "request-timeout": async (operation) =>
    rawAnswer(await start({ headersTimeout: 50, connectionsCheckingInterval: 10 }), operation, ""),
  "email-taken": async (operation) => {
    const { url } = await start();
    await create(url);
    return send(url, operation, { id: await create(url, OTHER), email: "John.Doe@example.com" });
  },
  "stale-version": async (operation) => {
    const { url } = await start();
    return send(url, operation, { id: await create(url), headers: { "if-match": '"7"' } });
  },
  "payload-too-large": async (operation) => send((await start()).url, operation, { body: " ".repeat(65_537) }),
  "unsupported-media-type": async (operation) =>
    send((await start()).url, operation, { headers: { "content-type": "text/plain" } }),
  "idempotency-key-reused": async (operation) => {
    const { url } = await start();
    const headers = { "idempotency-key": "key" };
    await create(url, { headers });
    return send(url, operation, { headers, ...OTHER });
  },
  "headers-too-large": async (operation) =>
    rawAnswer(await start(), operation, `Host: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`),
  internal: async (operation) => {
    const { users, database } = openSqlite();
    database.exec("DROP TABLE users"); // while it is used: nothing that the service could expect
    return send((await startService(users)).url, operation);
  },
  "store-unavailable": async (operation) => {
    const endpoint = `http://127.0.0.1:${await freePort()}`; // where nobody listens
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const client = createDynamoClient({ endpoint, region: "local", credentials });
    onTestFinished(() => client.destroy());
    const { url } = await startService(createDynamoUserRepository({ client, tableName: "UsersTable" }));
    return send(url, operation);
  },
  draining: async (operation) => send((await startService(openSqlite().users, {}, () => true)).url, operation),
};

function openSqlite() {
  const database = openUsersDatabase(join(temporaryFolder(), "users.db"));
  onTestFinished(() => database.close());
  return { database, users: createSqliteUserRepository({ database }) };
}

function start(times = {}): Promise<Service> {
  return startService(openSqlite().users, times);
}

/** What an operation with these bytes behind its first line is answered, which is as described. */
async function rawAnswer({ port }: Service, { method, path }: DescribedOperation, bytes: string): Promise<Response> {
  const [answer] = answersIn(await answerTo(port, `${method} ${path} HTTP/1.1\r\n${bytes}`));
  const response = new Response(answer!.body, { status: answer!.status, headers: answer!.headers });
  await expectDescribed(path, { method }, response);
  return response;
}
