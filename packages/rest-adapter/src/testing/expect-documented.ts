import { expect } from "vitest";
import { expectDocumentedRequest } from "./expect-documented-request.ts";
import { expectValid, jsonValidator, textValidator } from "./expect-valid.ts";
import {
  listOperations,
  toPathPattern,
  type HeaderObject,
  type OperationObject,
  type ResponseObject,
} from "./list-operations.ts";

/** Response headers that the document leaves out: those of HTTP itself, and those that every response has. */
const UNDOCUMENTED_HEADERS = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "keep-alive",
  "transfer-encoding",
  "cache-control",
  "x-content-type-options",
]);

const operations = listOperations();

/** The headers that all problems have in common: those of the problem for an unknown path or method. */
const PROBLEM_HEADERS = operations
  .flatMap(({ responses }) => responses.filter(({ status }) => status >= 400).map(({ headers }) => headers))
  .reduce((common, headers) => common.filter(({ name }) => headers.some((header) => header.name === name)));

/** The responses to a request without a valid credential, which do not depend on its path and method. */
const AUTHENTICATION_RESPONSES = operations
  .flatMap(({ responses }) => responses)
  .filter(({ status }) => status === 401 || status === 429);

/**
 * Expects the OpenAPI document to describe a response: its status code, headers, media type and body. If the response
 * is a success or a redirect, also the request: its parameters, media type and body.
 *
 * @param path the path with the query
 */
export async function expectDocumented(path: string, init: RequestInit, response: Response): Promise<void> {
  const method = init.method ?? "GET";
  const label = `${method} ${path.slice(0, 80)} ${response.status}`;
  const text = await response.clone().text();
  const { pathname } = new URL(`http://localhost${path}`);
  const operationsOfPath = operations.filter((operation) => toPathPattern(operation).test(pathname));
  const operation = operationsOfPath.find((candidate) => candidate.method === (method === "HEAD" ? "GET" : method));
  const documented = operation
    ? operation.responses.find(({ status }) => status === response.status)
    : findAuthenticationResponse(operationsOfPath, response.status);
  if (!operation && !documented) {
    expectRejection(operationsOfPath, response, label);
    expectBody("#/components/schemas/Problem", method, text, label);
    return;
  }

  expect(documented, `${label} has a documented status code`).toBeDefined();
  const { headers, bodies } = documented!;
  expectHeaders(headers, response.headers, label);
  const contentType = response.headers.get("content-type");
  const mediaTypes = bodies.length > 0 ? bodies.map(({ mediaType }) => mediaType) : [null];
  expect(mediaTypes, `${label} has a documented media type`).toContain(contentType);
  const body = bodies.find(({ mediaType }) => mediaType === contentType);
  if (body) expectBody(`${body.pointer}/schema`, method, text, label);
  else expect(text, `${label} has no body`).toBe("");

  if (operation && response.status < 400)
    await expectDocumentedRequest(operation, path, init, response, `${label}: the request`);
}

/** Returns the response to a request for no operation, unless the operations of its path need no credential. */
function findAuthenticationResponse(
  operationsOfPath: readonly OperationObject[],
  responseStatus: number,
): ResponseObject | undefined {
  const isPublic = operationsOfPath.some(({ responses }) => responses.every(({ status }) => status !== 401));
  return isPublic ? undefined : AUTHENTICATION_RESPONSES.find(({ status }) => status === responseStatus);
}

/** Expects a 404 problem for an unknown path, and a 405 problem with `Allow` for another method of a known path. */
function expectRejection(operationsOfPath: readonly OperationObject[], response: Response, label: string): void {
  const isKnown = operationsOfPath.length > 0;
  expect(response.status, `${label} is no operation`).toBe(isKnown ? 405 : 404);
  const { allow, ...headers } = Object.fromEntries(response.headers);
  expect(allow, `${label} has Allow`).toBe(isKnown ? formatAllow(operationsOfPath) : undefined);
  expectHeaders(PROBLEM_HEADERS, new Headers(headers), label);
  expect(response.headers.get("content-type"), `${label} is a problem`).toBe("application/problem+json");
}

function expectHeaders(documented: readonly HeaderObject[], headers: Headers, label: string): void {
  for (const { name, required } of documented) {
    if (required) expect(headers.has(name), `${label} has ${name}`).toBe(true);
  }
  for (const [header, value] of headers) {
    if (UNDOCUMENTED_HEADERS.has(header)) continue;
    const found = documented.find(({ name }) => name.toLowerCase() === header);
    expect(found, `${label} has the undocumented header ${header}`).toBeDefined();
    expectValid(textValidator, `${found!.pointer}/schema`, value, `${label}, ${header}`);
  }
}

function expectBody(schema: string, method: string, text: string, label: string): void {
  if (method === "HEAD") expect(text, `${label} has no body`).toBe("");
  else expectValid(jsonValidator, schema, JSON.parse(text), label);
}

function formatAllow(operationsOfPath: readonly OperationObject[]): string {
  const methods = operationsOfPath.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : method));
  return ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].filter((method) => methods.includes(method)).join(", ");
}
