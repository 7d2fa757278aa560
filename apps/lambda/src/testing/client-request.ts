import { isUtf8 } from "node:buffer";

/** A request as a client sends it to the gateway. */
export interface ClientRequest {
  readonly method?: string;
  /** The percent-encoded path with the query. */
  readonly path: string;
  /** A name may occur more than once. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
}

type HeaderEntry = readonly [name: string, value: string];

/** Returns the members of a request, with the path and the query separated. */
export function splitRequest({ method = "GET", path: target, headers = {}, body }: ClientRequest) {
  const [path = "", query = ""] = target.split(/\?(.*)/s);
  const entries: readonly HeaderEntry[] = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  return { method, path, query, headers: entries, body };
}

/**
 * The content types whose bodies format 2.0 passes on as text; others are in base64. AWS does not document the list:
 * these are the types for which API Gateway is known to do so, and a handler must rely on `isBase64Encoded` alone.
 */
const TEXT_TYPES = /^(?:text\/|application\/(?:json|javascript|xml)(?:;|$))/i;

/** Encodes a body for an event: as text if it is valid UTF-8 with a text type, otherwise in base64. */
export function encodeBody(
  body: string | Uint8Array,
  contentType = "text/plain",
): { body: string; isBase64Encoded: boolean } {
  const bytes = Buffer.from(body);
  const isBase64Encoded = !(TEXT_TYPES.test(contentType) && isUtf8(bytes));
  return { body: bytes.toString(isBase64Encoded ? "base64" : "utf8"), isBase64Encoded };
}

/** Decodes a path, except for escapes that are not valid UTF-8. */
export function decodePath(path: string): string {
  return path.replaceAll(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

/** Groups the values of headers or query parameters by name. */
export function groupByName(entries: Iterable<HeaderEntry>): Record<string, string[]> {
  const groups = Object.groupBy(entries, ([name]) => name);
  return mapValues(groups as Record<string, HeaderEntry[]>, (group) => group.map(([, value]) => value));
}

/** Returns the last value of each name. */
export function pickLast(groups: Record<string, string[]>): Record<string, string> {
  return mapValues(groups, (values) => values.at(-1)!);
}

/** Joins the values of each name with commas. */
export function joinValues(groups: Record<string, string[]>): Record<string, string> {
  return mapValues(groups, (values) => values.join(","));
}

function mapValues<From, To>(record: Record<string, From>, convert: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, convert(value)]));
}
