import { join } from "node:path";
import { createDynamoClient, createDynamoUserRepository } from "@user-management/dynamo-adapter";
import document from "@user-management/rest-adapter/openapi.json" with { type: "json" };
import { expectDescribed } from "@user-management/rest-adapter/testing";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import { expect, onTestFinished, test } from "vitest";
import { answersIn, answerTo } from "./testing/raw-connection.ts";
import { freePort, temporaryFolder } from "./testing/start-process.ts";
import { startService, type Service } from "./testing/start-service.ts";

interface Operation {
  readonly method: string;
  readonly path: string;
  /** The media types of its body, the preferred one first, each with the document's example. */
  readonly bodies: [type: string, example: object][];
}

interface Case extends Operation {
  /** What the document says can be answered: a status, or the name of a problem type. */
  readonly answer: string;
  readonly status: string;
}

type Media = Record<string, { example?: object; examples?: object }>;
interface Answer {
  readonly $ref?: string;
  readonly content?: Media;
}

interface Described {
  readonly requestBody?: { content: Media };
  readonly responses: Record<string, Answer>;
}

const cases = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, Described>).flatMap(([method, described]) =>
    casesOf(method, path, described),
  ),
);

function casesOf(method: string, path: string, { requestBody, responses }: Described): Case[] {
  const operation = {
    method: method.toUpperCase(),
    path,
    bodies: Object.entries(requestBody?.content ?? {}).map(
      ([type, { example }]) => [type, example!] as [string, object],
    ),
  };
  return Object.entries(responses).flatMap(([status, answer]) => {
    const problems = resolved(answer).content?.["application/problem+json"]?.examples;
    return Object.keys(problems ?? { [status]: {} }).map((name) => ({ ...operation, status, answer: name }));
  });
}

function resolved(answer: Answer): Answer {
  const component = answer.$ref?.split("/").at(-1);
  return component === undefined ? answer : (document.components.responses as Record<string, Answer>)[component]!;
}

test("the document has a case for every operation", () => {
  expect(cases.length).toBeGreaterThan(80);
});

test.each(cases)("$method $path answers $status, $answer, as the document says", async (described) => {
  const way = ways[described.answer];
  expect(way, `a way to ${described.answer}`).toBeDefined();
  const response = await way!(described);
  expect(response.status).toBe(Number(described.status));
  if (described.answer !== described.status) {
    expect(await response.clone().json()).toHaveProperty("type", `urn:user-management:problem:${described.answer}`);
  }
  await expectDescribed(described.method, described.path.replace("{user_id}", "id"), response);
});

interface Sending {
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly query?: string;
  readonly id?: string;
  readonly email?: string;
}

/** Sends an operation's own example, changed by this. */
function send(url: string, { method, path, bodies }: Operation, sending: Sending = {}): Promise<Response> {
  const { headers = {}, query = "", id = "nobody" } = sending;
  const [type, example] = bodies[0] ?? [];
  const body =
    sending.body ?? (example && JSON.stringify({ ...example, ...(sending.email && { email: sending.email }) }));
  return fetch(url + path.replace("{user_id}", id) + query, {
    method,
    headers: { ...(type !== undefined && { "content-type": type }), ...headers },
    ...(body !== undefined && { body }),
  });
}

const [createUser] = cases.filter(({ method, answer }) => method === "POST" && answer === "201");

/** Creates the user of the document's example and answers the id. */
async function create(url: string, headers: Record<string, string> = {}): Promise<string> {
  const created = await send(url, createUser!, { headers });
  expect(created.status).toBe(201);
  return ((await created.json()) as { user_id: string }).user_id;
}

/** For each answer, how a request comes to it. */
const ways: Record<string, (operation: Operation) => Promise<Response>> = {
  200: async (operation) => {
    const { url } = await start();
    return send(url, operation, { id: await create(url) });
  },
  201: async (operation) => send((await start()).url, operation),
  304: async (operation) => {
    const { url } = await start();
    return send(url, operation, { id: await create(url), headers: { "if-none-match": '"1"' } });
  },
  "invalid-user": async (operation) => send((await start()).url, operation, { email: "nobody" }),
  "malformed-body": async (operation) => send((await start()).url, operation, { body: "{" }),
  "invalid-query": async (operation) => send((await start()).url, operation, { query: "?page=1" }),
  "malformed-request": async ({ method, path }) => rawAnswer(await start(), `${method} ${path} HTTP/1.1\r\n\r\n`),
  "not-found": async (operation) => send((await start()).url, operation),
  "request-timeout": async ({ method, path }) =>
    rawAnswer(await start({ headersTimeout: 50, connectionsCheckingInterval: 10 }), `${method} ${path} HTTP/1.1\r\n`),
  "email-taken": async (operation) => {
    const { url } = await start();
    await create(url);
    const other = await send(url, createUser!, { email: "jane.doe@example.com" });
    const { user_id } = (await other.json()) as { user_id: string };
    return send(url, operation, { id: user_id, email: "John.Doe@example.com" });
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
    await create(url, headers);
    return send(url, operation, { headers, email: "jane.doe@example.com" });
  },
  "headers-too-large": async ({ method, path }) =>
    rawAnswer(await start(), `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`),
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

/** What these bytes, as they are, are answered. */
async function rawAnswer({ port }: Service, bytes: string): Promise<Response> {
  const [answer] = answersIn(await answerTo(port, bytes));
  return new Response(answer!.body, { status: answer!.status, headers: answer!.headers });
}
