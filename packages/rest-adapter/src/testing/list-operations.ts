import document from "../openapi.json" with { type: "json" };

/** An object of the OpenAPI document, with its references resolved. */
interface DocumentObject {
  /** The location of the object: a JSON Pointer in a URI fragment (RFC 6901 section 6). */
  readonly pointer: string;
}

export interface ParameterObject extends DocumentObject {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
}

export interface HeaderObject extends DocumentObject {
  readonly name: string;
  readonly required: boolean;
}

/** A body in one media type. */
export interface MediaTypeObject extends DocumentObject {
  readonly mediaType: string;
  /** The examples by name. The only example of a request body has an empty name. */
  readonly examples: Readonly<Record<string, unknown>>;
}

export interface ResponseObject extends DocumentObject {
  readonly status: number;
  readonly headers: readonly HeaderObject[];
  /** Empty if the response has no body. */
  readonly bodies: readonly MediaTypeObject[];
}

export interface OperationObject extends DocumentObject {
  /** In upper case. */
  readonly method: string;
  /** With the parameters in braces. */
  readonly path: string;
  readonly parameters: readonly ParameterObject[];
  /** The alternatives for the body of the request; empty if the operation ignores a body. */
  readonly requestBodies: readonly MediaTypeObject[];
  readonly responses: readonly ResponseObject[];
}

/** The members of a raw object of the document that are read here. */
interface RawObject {
  readonly $ref?: string;
  readonly name?: string;
  readonly in?: ParameterObject["in"];
  readonly required?: boolean;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { value: unknown }>>;
  readonly parameters?: readonly RawObject[];
  readonly requestBody?: RawObject;
  readonly responses?: Readonly<Record<string, RawObject>>;
  readonly headers?: Readonly<Record<string, RawObject>>;
  readonly content?: Readonly<Record<string, RawObject>>;
}

/** Lists the operations of the OpenAPI document. */
export function listOperations(): OperationObject[] {
  return Object.entries(document.paths as Record<string, Record<string, RawObject>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody = {}, responses = {} }]) => {
      const pointer = appendSegments("#", "paths", path, method);
      return {
        pointer,
        method: method.toUpperCase(),
        path,
        parameters: parameters.map((raw, n) => toParameter(appendSegments(pointer, "parameters", String(n)), raw)),
        requestBodies: toBodies(appendSegments(pointer, "requestBody"), requestBody),
        responses: Object.entries(responses).map(([status, raw]) =>
          toResponse(appendSegments(pointer, "responses", status), Number(status), raw),
        ),
      };
    }),
  );
}

/** Returns a regular expression for the paths of an operation, with a named group for each parameter. */
export function toPathPattern({ path }: OperationObject): RegExp {
  return new RegExp(`^${path.replaceAll(".", String.raw`\.`).replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
}

function toParameter(location: string, raw: RawObject): ParameterObject {
  const { pointer, name, in: where, required = false } = resolve(location, raw);
  return { pointer, name: name!, in: where!, required };
}

function toResponse(location: string, status: number, raw: RawObject): ResponseObject {
  const response = resolve(location, raw);
  const headers = Object.entries(response.headers ?? {}).map(([name, header]) => {
    const { pointer, required = false } = resolve(appendSegments(response.pointer, "headers", name), header);
    return { pointer, name, required };
  });
  return { pointer: response.pointer, status, headers, bodies: toBodies(response.pointer, response) };
}

function toBodies(pointer: string, { content = {} }: RawObject): MediaTypeObject[] {
  return Object.entries(content).map(([mediaType, { example, examples = {} }]) => ({
    pointer: appendSegments(pointer, "content", mediaType),
    mediaType,
    examples:
      example === undefined
        ? Object.fromEntries(Object.entries(examples).map(([name, { value }]) => [name, value]))
        : { "": example },
  }));
}

/** Returns the object at this location or, for a reference, the object that it refers to. */
function resolve(pointer: string, raw: RawObject): RawObject & DocumentObject {
  if (raw.$ref === undefined) return { ...raw, pointer };
  const [, ...names] = raw.$ref.split("/");
  const target = names.reduce<unknown>((object, name) => (object as Record<string, unknown>)[name], document);
  return { ...(target as RawObject), pointer: raw.$ref };
}

function appendSegments(pointer: string, ...names: string[]): string {
  const segments = names.map((name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1")));
  return [pointer, ...segments].join("/");
}
