import { join } from "node:path";
import { readFileSync } from "node:fs";
import { EXAMPLE_FIELDS } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { QUICK_DRAIN, startProcess, startService } from "@user-management/http/testing";
import { allowAnonymous, createProblem, OPERATIONS } from "@user-management/rest-adapter";
import { listOperations } from "@user-management/rest-adapter/testing";
import newman from "newman";
import { expect, test } from "vitest";
import { REPOSITORY_ROOT } from "./read-document.ts";

const file = join(REPOSITORY_ROOT, "docs/users.postman_collection.json");

test("the Postman collection runs from top to bottom, twice, and calls every operation", async () => {
  const server = await startProcess();
  // The README's own request is the first one that many readers send.
  const created = await fetch(`${server.url}/users`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(EXAMPLE_FIELDS),
  });
  expect(created.status).toBe(201);
  for (const _ of ["first", "second"]) {
    const { run } = await runCollection(server.url);
    expect(run.failures.map(({ error }) => error.message)).toEqual([]);
    expect(run.stats.assertions.total).toBe(run.executions.length);
    const calls = run.executions.map(({ request }) => `${request.method} /${request.url.path!.join("/")}`);
    const operations = listOperations().map(({ method, path }) => `${method} ${path}`);
    const uuid = /[\da-f]{8}-[\da-f-]{27}/;
    expect(calls.map((call) => call.replace(uuid, "{user_id}")).toSorted()).toEqual(operations.toSorted());
  }
});

test("the Postman collection stops after a failed create", async () => {
  const { url } = await startService(createInMemoryUserRepository(), QUICK_DRAIN, undefined, () => {
    throw createProblem("unauthenticated");
  });
  const { run } = await runCollection(url);
  expect(run.executions).toHaveLength(1);
  expect(run.failures).toHaveLength(1);
});

test("the Postman collection finds the created user by its email once the parameter is enabled", async () => {
  const server = await startProcess();
  const collection = JSON.parse(readFileSync(file, "utf8").replaceAll('"disabled": true', '"disabled": false')) as {
    item: { item: { name: string; request: { header: unknown; url: { query: { key: string }[] } } }[] }[];
  };
  for (const { request } of collection.item.flatMap(({ item }) => item)) {
    request.header = [{ key: "Content-Type", value: "application/json" }];
    request.url.query = request.url.query.filter(({ key }) => key === "email");
  }
  const { run } = await runCollection(server.url, {}, collection);
  const list = run.executions.find(({ request }) => request.method === "GET" && request.url.path!.join() === "users")!;
  expect(list.response.json()).toMatchObject({ users: [{ lastname: EXAMPLE_FIELDS.lastname }] });
});

test.each([
  { label: "sends its credential where one is required", variables: { credential: "valid" }, sent: "valid" },
  { label: "sends no credential by default", variables: {}, sent: undefined },
])("the Postman collection $label", async ({ variables, sent }) => {
  const credentials: (string | undefined)[] = [];
  const repository = createInMemoryUserRepository();
  const { url } = await startService(repository, QUICK_DRAIN, undefined, (credential, env) => {
    credentials.push(credential);
    return allowAnonymous(credential, env);
  });
  const { run } = await runCollection(url, variables);
  expect(run.failures.map(({ error }) => error.message)).toEqual([]);
  const protectedOperations = Object.values(OPERATIONS).filter(({ scope }) => scope !== "public");
  expect(credentials).toEqual(protectedOperations.map(() => sent));
  const withCredential = run.executions.filter(({ request }) => request.headers.has("authorization"));
  expect(withCredential).toHaveLength(sent === undefined ? 0 : protectedOperations.length);
});

function runCollection(
  url: string,
  variables: Record<string, string> = {},
  collection = JSON.parse(readFileSync(file, "utf8")) as object,
): Promise<newman.NewmanRunSummary> {
  return new Promise((resolve, reject) => {
    const envVar = Object.entries({ baseUrl: url, ...variables }).map(([key, value]) => ({ key, value }));
    newman.run({ collection, envVar }, (error, summary) => {
      if (error) reject(error);
      else resolve(summary);
    });
  });
}
