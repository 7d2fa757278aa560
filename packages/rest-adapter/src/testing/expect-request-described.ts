import { expect } from "vitest";
import { patternOf, type DescribedOperation, type DescribedParameter } from "./described-operations.ts";
import { expectValid, faults, ofBodies, ofText } from "./expect-valid.ts";

/** Headers of a request that are no parameters: those of its body, and those that the service does not go by. */
const NO_PARAMETERS = new Set([
  "accept",
  "accept-encoding",
  "content-encoding",
  "content-type",
  "cookie",
  "x-http-method-override",
  "x-method-override",
  "x-http-method",
]);

interface SentParameter {
  readonly in: "path" | "query" | "header";
  /** Of a header, in lower case. */
  readonly name: string;
  readonly value: string;
}

/**
 * Expects that the document describes this request, which the service has taken: the parameters that it has, and those
 * that it must have; the media type of its body and, where that is text, the body.
 */
export async function expectRequestDescribed(
  operation: DescribedOperation,
  path: string,
  { headers: fields, body }: RequestInit,
  response: Response,
  name: string,
): Promise<void> {
  const headers = new Headers(fields);
  const sent = [...pathParameters(operation, path), ...queryParameters(path), ...headerParameters(headers)];
  for (const parameter of operation.parameters) {
    if (parameter.required) expect(sent.some(isSentAs(parameter)), `${name} has ${parameter.name}`).toBe(true);
  }
  for (const one of sent) {
    const described = operation.parameters.find((parameter) => isSentAs(parameter)(one));
    expect(described, `${name} has the ${one.in} parameter ${one.name}, which is not described`).toBeDefined();
    const schema = `${described!.pointer}/schema`;
    if (one.name === "x-request-id") {
      // Of another form it is no error, but it is not echoed.
      const isEchoed = response.headers.get(one.name) === one.value;
      expect(faults(ofText, schema, one.value).length === 0, `${name}, ${one.name} is echoed`).toBe(isEchoed);
    } else {
      expectValid(ofText, schema, one.value, `${name}, ${one.name}`);
    }
  }

  if (operation.bodies.length === 0) return; // a body is ignored then
  const type = body == null ? "none" : headers.get("content-type")?.split(";")[0]!.trim().toLowerCase();
  const described = operation.bodies.find((other) => other.type === type);
  expect(described, `${name} has a body of the type ${type}, which is not described`).toBeDefined();
  if (typeof body === "string") {
    expectValid(ofBodies, `${described!.pointer}/schema`, await new Response(body).json(), name);
  }
}

function isSentAs({ in: where, name }: DescribedParameter): (sent: SentParameter) => boolean {
  return (sent) => sent.in === where && sent.name === (where === "header" ? name.toLowerCase() : name);
}

function pathParameters(operation: DescribedOperation, path: string): SentParameter[] {
  const groups = patternOf(operation).exec(path.split("?")[0]!)?.groups ?? {};
  return Object.entries(groups).map(([name, value]) => ({ in: "path", name, value: decodeURIComponent(value) }));
}

/** `+` stands for itself, as the service takes it. */
function queryParameters(path: string): SentParameter[] {
  const [, query = ""] = /\?(.*)$/.exec(path) ?? [];
  const pairs = query.split("&").filter((pair) => pair !== "");
  return pairs.map((pair) => {
    const [, name = "", value = ""] = /^([^=]*)=?(.*)$/.exec(pair)!.map((text) => decodeURIComponent(text));
    return { in: "query", name, value };
  });
}

function headerParameters(headers: Headers): SentParameter[] {
  return [...headers].flatMap(([name, value]) => (NO_PARAMETERS.has(name) ? [] : [{ in: "header", name, value }]));
}
