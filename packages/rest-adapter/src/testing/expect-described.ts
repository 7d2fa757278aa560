import { expect } from "vitest";
import {
  describedOperations,
  patternOf,
  type DescribedHeader,
  type DescribedOperation,
} from "./described-operations.ts";
import { expectRequestDescribed } from "./expect-request-described.ts";
import { expectValid, ofBodies, ofText } from "./expect-valid.ts";

/** Headers of HTTP itself, and those that every answer has whatever it is an answer to. */
const COMMON = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "keep-alive",
  "transfer-encoding",
  "cache-control",
  "x-content-type-options",
]);

const operations = describedOperations();

/** What all problems have: an answer to what is no operation has these and no others. */
const problemHeaders = operations
  .flatMap(({ answers }) => answers.filter(({ status }) => status >= 400).map(({ headers }) => headers))
  .reduce((common, headers) => common.filter(({ name }) => headers.some((header) => header.name === name)));

/**
 * Expects that `/openapi.json` describes this answer: its status, its headers, its type and its body; and the request,
 * if the service has taken it: its parameters, its type and its body.
 *
 * @param path with its query
 */
export async function expectDescribed(path: string, init: RequestInit, response: Response): Promise<void> {
  const method = init.method ?? "GET";
  const name = `${method} ${path.slice(0, 80)} ${response.status}`;
  const text = await response.clone().text();
  const { pathname } = new URL(`http://localhost${path}`);
  const others = operations.filter((operation) => patternOf(operation).test(pathname));
  const operation = others.find((other) => other.method === (method === "HEAD" ? "GET" : method));
  if (!operation) {
    expectRefusal(others, response, name);
    expectBody("#/components/schemas/Problem", method, text, name);
    return;
  }

  const answer = operation.answers.find(({ status }) => status === response.status);
  expect(answer, `${name} has a status that is described`).toBeDefined();
  expectHeaders(answer!.headers, response.headers, name);
  const type = response.headers.get("content-type");
  const types = answer!.bodies.map((body) => body.type);
  expect(types.length > 0 ? types : [null], `${name} has a media type that is described`).toContain(type);
  const body = answer!.bodies.find((described) => described.type === type);
  if (body) expectBody(`${body.pointer}/schema`, method, text, name);
  else expect(text, `${name} has no body`).toBe("");

  if (response.status < 400) await expectRequestDescribed(operation, path, init, response, `${name}: the request`);
}

/** @param others the operations at the same path */
function expectRefusal(others: readonly DescribedOperation[], response: Response, name: string): void {
  expect(response.status, `${name} is no operation`).toBe(others.length > 0 ? 405 : 404);
  const { allow, ...headers } = Object.fromEntries(response.headers);
  expect(allow, `${name} has Allow`).toBe(others.length > 0 ? allowed(others) : undefined);
  expectHeaders(problemHeaders, new Headers(headers), name);
  expect(response.headers.get("content-type"), `${name} is a problem`).toBe("application/problem+json");
}

function expectHeaders(described: readonly DescribedHeader[], headers: Headers, name: string): void {
  for (const header of described) {
    if (header.required) expect(headers.has(header.name), `${name} has ${header.name}`).toBe(true);
  }
  for (const [header, value] of headers) {
    if (COMMON.has(header)) continue;
    const found = described.find((other) => other.name.toLowerCase() === header);
    expect(found, `${name} has ${header}, which is not described`).toBeDefined();
    expectValid(ofText, `${found!.pointer}/schema`, value, `${name}, ${header}`);
  }
}

function expectBody(schema: string, method: string, text: string, name: string): void {
  if (method === "HEAD") expect(text, `${name} has no body`).toBe("");
  else expectValid(ofBodies, schema, JSON.parse(text), name);
}

function allowed(at: readonly DescribedOperation[]): string {
  const methods = at.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : method));
  return ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].filter((method) => methods.includes(method)).join(", ");
}
