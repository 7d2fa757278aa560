import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { expect } from "vitest";
import document from "../openapi.json" with { type: "json" };

/** A part of the document, as far as it is read here. */
interface Described {
  readonly $ref?: string;
  readonly headers?: Record<string, Described>;
  readonly content?: Record<string, unknown>;
  readonly responses?: Record<string, Described>;
}

/** Headers of HTTP itself, and those that every answer has whatever it is an answer to. */
const COMMON = new Set(
  "connection content-length content-type date keep-alive transfer-encoding cache-control x-content-type-options".split(
    " ",
  ),
);

const DOCUMENT = "openapi.json";
// Headers come as text; bodies have to be of the very type.
const [ofBodies, ofHeaders] = [false, true].map((coerceTypes) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, coerceTypes });
  formats.default(ajv);
  return ajv.addSchema(document, DOCUMENT);
}) as [Ajv2020, Ajv2020];

const templates = Object.entries(document.paths).map(([template, methods]) => ({
  template,
  pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+").replaceAll(".", String.raw`\.`)}$`),
  methods: methods as Record<string, Described>,
}));

/** Where in the document an answer is described: the pointer to it, and what is there. */
type Place = { readonly pointer: string; readonly described: Described };

/** Expects that `/openapi.json` describes this answer: its status, its headers, its type and its body. */
export async function expectDescribed(method: string, path: string, response: Response): Promise<void> {
  const name = `${method} ${path.slice(0, 80)} ${response.status}`;
  const text = await response.clone().text();
  const { pathname } = new URL(`http://localhost${path}`);
  const route = templates.find(({ pattern }) => pattern.test(pathname));
  const operation = route?.methods[method === "HEAD" ? "get" : method.toLowerCase()];
  if (!route || !operation) {
    expect(response.status, `${name} is no operation`).toBe(route ? 405 : 404);
    if (route) expect(response.headers.get("allow"), name).toBe(allowed(route.methods));
    if (method !== "HEAD") expectValid(ofBodies, "#/components/schemas/Problem", JSON.parse(text), name);
    return;
  }

  const pointer = ["#", "paths", route.template, method === "HEAD" ? "get" : method.toLowerCase(), "responses"];
  const place = resolve([...pointer, String(response.status)].map(escape).join("/"), operation, response.status, name);
  expectHeaders(place, response.headers, name);

  if (method === "HEAD" || !place.described.content) {
    expect(text, name).toBe("");
    return;
  }
  const type = response.headers.get("content-type") ?? "";
  expect(Object.keys(place.described.content), `${name} has its media type`).toContain(type);
  expectValid(ofBodies, `${place.pointer}/content/${escape(type)}/schema`, JSON.parse(text), name);
}

function resolve(pointer: string, operation: Described, status: number, name: string): Place {
  const described = operation.responses?.[status];
  expect(described, `${name} has its status`).toBeDefined();
  if (described?.$ref === undefined) return { pointer, described: described! };
  const component = described.$ref.split("/").at(-1)!;
  return {
    pointer: described.$ref,
    described: (document.components.responses as Record<string, Described>)[component]!,
  };
}

function expectHeaders({ described }: Place, headers: Headers, name: string): void {
  for (const header of Object.keys(described.headers ?? {})) {
    if (isRequired(header)) expect(headers.has(header), `${name} has ${header}`).toBe(true);
  }
  const names = new Map(Object.keys(described.headers ?? {}).map((header) => [header.toLowerCase(), header]));
  for (const [header, value] of headers) {
    if (COMMON.has(header)) continue;
    expect([...names.keys()], `${name} has its headers`).toContain(header);
    expectValid(ofHeaders, `#/components/headers/${names.get(header)!}/schema`, value, `${name}, ${header}`);
  }
}

function isRequired(header: string): boolean {
  return (document.components.headers as Record<string, { required?: boolean }>)[header]?.required === true;
}

const compiled = new Map<string, ValidateFunction>();

function expectValid(ajv: Ajv2020, pointer: string, value: unknown, name: string): void {
  const validate = compiled.get(pointer) ?? ajv.compile({ $ref: DOCUMENT + pointer });
  compiled.set(pointer, validate);
  validate(value);
  expect(validate.errors ?? [], `${name} is as ${pointer} says: ${JSON.stringify(value)}`).toEqual([]);
}

function allowed(methods: Record<string, unknown>): string {
  const known = ["get", "post", "put", "patch", "delete"].filter((method) => method in methods);
  return known.flatMap((method) => (method === "get" ? ["GET", "HEAD"] : method.toUpperCase())).join(", ");
}

/** A name in a JSON pointer that is a URI fragment (RFC 6901 section 6). */
function escape(segment: string): string {
  return segment === "#" ? segment : encodeURIComponent(segment.replaceAll("~", "~0").replaceAll("/", "~1"));
}
