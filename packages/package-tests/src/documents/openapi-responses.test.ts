import { join } from "node:path";
import { createDynamoClient, createDynamoUserRepository } from "@user-management/dynamo-adapter";
import {
  freePort,
  QUICK_DRAIN,
  parseResponses,
  sendBytes,
  startService,
  temporaryFolder,
  type Service,
} from "@user-management/http/testing";
import document from "@user-management/rest-adapter/openapi.json" with { type: "json" };
import {
  createTestClient,
  expectDocumented,
  listOperations,
  type OperationObject,
  type ResponseObject,
} from "@user-management/rest-adapter/testing";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import { expect, onTestFinished, test } from "vitest";

/** An operation with one of its documented outcomes: a status code, or the name of a problem type. */
interface Case extends OperationObject {
  readonly status: number;
  readonly outcome: string;
}

const operations = listOperations();
const cases = operations.flatMap((operation) =>
  operation.responses.flatMap((response) => createCases(operation, response)),
);

function createCases(operation: OperationObject, { status, bodies }: ResponseObject): Case[] {
  const problem = bodies.find(({ mediaType }) => mediaType === "application/problem+json");
  const outcomes = problem ? Object.keys(problem.examples) : [String(status)];
  return outcomes.map((outcome) => ({ ...operation, status, outcome }));
}

test("every status code of every operation has a case", () => {
  const covered = cases.map(({ method, path, status }) => `${method} ${path} ${status}`);
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]: [string, { responses: object }]) =>
      Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`),
    ),
  );
  expect([...new Set(covered)].toSorted()).toEqual(documented.toSorted());
});

test.each(cases)("$method $path returns $status, $outcome, as documented", async (operation) => {
  const provoke = OUTCOMES[operation.outcome];
  expect(provoke, `a request that leads to ${operation.outcome}`).toBeDefined();
  const response = await provoke!(operation);
  expect(response.status).toBe(operation.status);
  if (operation.outcome !== String(operation.status)) {
    expect(await response.clone().json()).toHaveProperty("type", `urn:user-management:problem:${operation.outcome}`);
  }
});

const optionalHeaders = operations.flatMap((operation) =>
  operation.responses.flatMap(({ status, headers }) =>
    headers.flatMap(({ name, required }) => (required ? [] : [{ ...operation, status, header: name }])),
  ),
);

test.each(optionalHeaders)("$method $path returns $status with the optional header $header", async (operation) => {
  const provoke = OPTIONAL_HEADERS[operation.header];
  expect(provoke, `a request that leads to ${operation.header}`).toBeDefined();
  const response = await provoke!(operation, operation.status);
  expect(response.status).toBe(operation.status);
  expect([...response.headers.keys()]).toContain(operation.header.toLowerCase());
});

interface RequestChanges {
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly query?: string;
  readonly id?: string;
  /** Fields that are added to the example, or replace its own. */
  readonly fields?: object;
}

/** Sends the example of an operation with changes, and checks the response against the document. */
function sendExample(
  url: string,
  { method, path, requestBodies }: OperationObject,
  { headers = {}, query = "", id = "unknown", fields, body }: RequestChanges = {},
): Promise<Response> {
  const { request } = createTestClient((target, init) => fetch(url + target, init));
  const [preferred] = requestBodies;
  const example = preferred && JSON.stringify({ ...(preferred.examples[""] as object), ...fields });
  const content = body ?? example;
  return request(path.replace("{user_id}", id) + query, {
    method,
    headers: { ...(preferred && { "content-type": preferred.mediaType }), ...headers },
    ...(content !== undefined && { body: content }),
  });
}

const createUser = operations.find(({ method }) => method === "POST")!;

/** Creates the user of the example, or one with other fields, and returns its id. */
async function createExample(url: string, changes: Pick<RequestChanges, "headers" | "fields"> = {}): Promise<string> {
  const response = await sendExample(url, createUser, changes);
  expect(response.status).toBe(201);
  return ((await response.json()) as { user_id: string }).user_id;
}

const OTHER = { fields: { email: "jane.doe@example.com" } };
const PREFERENCE = { prefer: "return=representation" };

/** Sends an example that succeeds: a create to an empty store, any other operation to one with a user. */
async function succeed(operation: OperationObject, headers: Record<string, string> = {}): Promise<Response> {
  const { url } = await start();
  if (operation.pointer === createUser.pointer) return sendExample(url, operation, { headers });
  return sendExample(url, operation, { id: await createExample(url), headers });
}

/** Provokes a response with each optional header. */
const OPTIONAL_HEADERS: Record<string, (operation: OperationObject, status: number) => Promise<Response>> = {
  "Last-Modified": (operation, status) => {
    if (status === 304) return succeed(operation, { "if-none-match": '"1"' });
    return succeed(operation, operation.method === "GET" ? {} : PREFERENCE);
  },
  "Content-Location": (operation) => succeed(operation, PREFERENCE),
  "Preference-Applied": (operation) => succeed(operation, PREFERENCE),
  "Idempotent-Replayed": async (operation) => {
    const { url } = await start();
    const headers = { "idempotency-key": "key" };
    await createExample(url, { headers });
    return sendExample(url, operation, { headers });
  },
  Link: async (operation) => {
    const { url } = await start();
    const id = await createExample(url);
    await createExample(url, OTHER);
    return sendExample(url, operation, { id, query: "?limit=1" });
  },
  Accept: (operation) => succeed(operation, { "content-type": "text/plain" }),
  "Accept-Encoding": (operation) => succeed(operation, { "content-encoding": "gzip" }),
};

/** Provokes each outcome. */
const OUTCOMES: Record<string, (operation: OperationObject) => Promise<Response>> = {
  200: (operation) => succeed(operation),
  201: (operation) => succeed(operation),
  304: (operation) => succeed(operation, { "if-none-match": '"1"' }),
  "invalid-user": async (operation) => sendExample((await start()).url, operation, { fields: { email: "invalid" } }),
  "malformed-body": async (operation) => sendExample((await start()).url, operation, { body: "{" }),
  "invalid-query": async (operation) => sendExample((await start()).url, operation, { query: "?page=1" }),
  "malformed-request": async (operation) => sendRawRequest(await start(), operation, "\r\n"),
  unauthenticated: async (operation) => sendExample((await startProtected()).url, operation),
  "insufficient-scope": async (operation) =>
    sendExample((await startProtected()).url, operation, { headers: { authorization: "Bearer valid" } }),
  "too-many-requests": async (operation) => {
    const { url } = await startProtected();
    const headers = { authorization: "Bearer invalid" };
    for (let n = 0; n < 20; n += 1) await sendExample(url, operation, { headers });
    return sendExample(url, operation, { headers });
  },
  "not-found": async (operation) => sendExample((await start()).url, operation),
  "request-timeout": async (operation) =>
    sendRawRequest(await start({ headersTimeout: 50, connectionsCheckingInterval: 10 }), operation, ""),
  "email-taken": async (operation) => {
    const { url } = await start();
    await createExample(url);
    return sendExample(url, operation, {
      id: await createExample(url, OTHER),
      fields: { email: "John.Doe@example.com" },
    });
  },
  "external-id-taken": async (operation) => {
    const { url } = await start();
    await createExample(url, { fields: { external_id: "42" } });
    return sendExample(url, operation, {
      id: await createExample(url, OTHER),
      fields: { email: "new@example.com", external_id: "42" },
    });
  },
  "stale-version": async (operation) => {
    const { url } = await start();
    return sendExample(url, operation, { id: await createExample(url), headers: { "if-match": '"7"' } });
  },
  "payload-too-large": async (operation) => sendExample((await start()).url, operation, { body: " ".repeat(65_537) }),
  "unsupported-media-type": async (operation) =>
    sendExample((await start()).url, operation, { headers: { "content-type": "text/plain" } }),
  "idempotency-key-reused": async (operation) => {
    const { url } = await start();
    const headers = { "idempotency-key": "key" };
    await createExample(url, { headers });
    return sendExample(url, operation, { headers, ...OTHER });
  },
  "headers-too-large": async (operation) =>
    sendRawRequest(await start(), operation, `Host: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`),
  internal: async (operation) => {
    const { users, database } = openSqlite();
    database.exec("DROP TABLE users"); // The adapter does not map this failure.
    return sendExample((await startService(users, QUICK_DRAIN)).url, operation);
  },
  "store-unavailable": async (operation) => {
    const endpoint = `http://127.0.0.1:${await freePort()}`; // No server listens there.
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const client = createDynamoClient({ endpoint, region: "local", credentials });
    onTestFinished(() => client.destroy());
    const { url } = await startService(createDynamoUserRepository({ client, tableName: "UsersTable" }), QUICK_DRAIN);
    return sendExample(url, operation);
  },
  draining: async (operation) =>
    sendExample((await startService(openSqlite().users, QUICK_DRAIN, () => true)).url, operation),
};

function openSqlite() {
  const database = openUsersDatabase(join(temporaryFolder(), "users.db"));
  onTestFinished(() => database.close());
  return { database, users: createSqliteUserRepository({ database }) };
}

function start(timeouts = {}): Promise<Service> {
  return startService(openSqlite().users, { ...QUICK_DRAIN, ...timeouts });
}

/** Starts the service with one credential, `valid`, whose caller has no scope. */
async function startProtected(): Promise<Service> {
  return startService(openSqlite().users, QUICK_DRAIN, undefined, (credential) => {
    if (credential === "valid") return { caller: { id: "test", auth: "key", scopes: [] } };
    return { rejection: credential === undefined ? "missing" : "invalid" };
  });
}

/** Sends the request line of an operation, then these bytes, and checks the response against the document. */
async function sendRawRequest({ port }: Service, { method, path }: OperationObject, bytes: string): Promise<Response> {
  const [received] = parseResponses(await sendBytes(port, `${method} ${path} HTTP/1.1\r\n${bytes}`));
  const response = new Response(received!.body, { status: received!.status, headers: received!.headers });
  await expectDocumented(path, { method }, response);
  return response;
}
