import { expect } from "vitest";
import { expectValid, jsonValidator, textValidator, validate } from "./expect-valid.ts";
import { toPathPattern, type OperationObject, type ParameterObject } from "./list-operations.ts";

/** Request headers that are no parameters: those of the body, the credential, and those that the service ignores. */
const UNDOCUMENTED_HEADERS = new Set([
  "accept",
  "accept-encoding",
  "authorization",
  "content-encoding",
  "content-type",
  "cookie",
  "x-http-method-override",
  "x-method-override",
  "x-http-method",
  "x-api-key",
]);

interface SentParameter {
  readonly in: ParameterObject["in"];
  /** In lower case for a header. */
  readonly name: string;
  readonly value: string;
}

/**
 * Expects the document to describe a request that the service accepted: every parameter that was sent, every required
 * parameter, the media type of the body and, for a body of text, its content.
 */
export async function expectDocumentedRequest(
  operation: OperationObject,
  path: string,
  { headers: fields, body }: RequestInit,
  response: Response,
  label: string,
): Promise<void> {
  const headers = new Headers(fields);
  const sent = [...listPathParameters(operation, path), ...listQueryParameters(path), ...listHeaderParameters(headers)];
  for (const parameter of operation.parameters) {
    if (!parameter.required) continue;
    const isSent = sent.some((candidate) => isSentAs(parameter, candidate));
    expect(isSent, `${label} has ${parameter.name}`).toBe(true);
  }
  for (const parameter of sent) {
    const { in: location, name, value } = parameter;
    const documented = operation.parameters.find((candidate) => isSentAs(candidate, parameter));
    expect(documented, `${label} has the undocumented ${location} parameter ${name}`).toBeDefined();
    const schema = `${documented!.pointer}/schema`;
    if (name === "x-request-id") {
      // An invalid request id is no error: the response has a generated id instead.
      const isEchoed = response.headers.get(name) === value;
      const isValid = validate(textValidator, schema, value).length === 0;
      expect(isEchoed, `${label} is echoed only with a valid ${name}`).toBe(isValid);
    } else {
      expectValid(textValidator, schema, value, `${label}, ${name}`);
    }
  }

  if (operation.requestBodies.length === 0) return;
  const sentType = body == null ? "none" : headers.get("content-type")?.split(";")[0]!.trim().toLowerCase();
  const documented = operation.requestBodies.find(({ mediaType }) => mediaType === sentType);
  expect(documented, `${label} has a body of the undocumented media type ${sentType}`).toBeDefined();
  if (typeof body === "string") {
    expectValid(jsonValidator, `${documented!.pointer}/schema`, await new Response(body).json(), label);
  }
}

function isSentAs({ in: location, name }: ParameterObject, sent: SentParameter): boolean {
  return sent.in === location && sent.name === (location === "header" ? name.toLowerCase() : name);
}

function listPathParameters(operation: OperationObject, path: string): SentParameter[] {
  const groups = toPathPattern(operation).exec(path.split("?")[0]!)?.groups ?? {};
  return Object.entries(groups).map(([name, value]) => ({ in: "path", name, value: decodeURIComponent(value) }));
}

/** Parses the query as the service does: `+` is a literal plus sign. */
function listQueryParameters(path: string): SentParameter[] {
  const [, query = ""] = /\?(.*)$/.exec(path) ?? [];
  const pairs = query.split("&").filter((pair) => pair !== "");
  return pairs.map((pair) => {
    const [, name = "", value = ""] = /^([^=]*)=?(.*)$/.exec(pair)!.map((text) => decodeURIComponent(text));
    return { in: "query", name, value };
  });
}

function listHeaderParameters(headers: Headers): SentParameter[] {
  return [...headers].flatMap(([name, value]) =>
    UNDOCUMENTED_HEADERS.has(name) ? [] : [{ in: "header", name, value }],
  );
}
