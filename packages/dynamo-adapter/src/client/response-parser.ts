import { createBodyReader, ResponseSyntaxError, type BodyReader } from "./response-body.ts";

/** The maximum size of the header of a response, in bytes: the limit of Node.js. */
const MAX_HEADER_BYTES = 16_384;

const HEADER_END = "\r\n\r\n";

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/;
/** A name of a header field in lower case (RFC 9110 section 5.1). */
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~\da-z]+$/;

/** A character that no value of a header field contains. */
const INVALID_VALUE = /[\r\n\0]/;

export interface HttpResponse {
  readonly status: number;
  /** Header fields by name in lower case. The values of fields with one name are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface ParsedResponse extends HttpResponse {
  /** Whether the connection can be used for another request. */
  readonly isReusable: boolean;
}

/** Parses one response to a `POST`. */
export interface ResponseParser {
  /**
   * Adds received bytes, and returns the response once it is complete.
   *
   * @throws ResponseSyntaxError
   */
  readonly add: (bytes: Buffer) => ParsedResponse | undefined;
  /** Returns the response of a connection that has ended, or `undefined` if it is incomplete. */
  readonly end: () => ParsedResponse | undefined;
}

interface Header {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Whether the server keeps the connection open (RFC 9112 section 9.3). */
  readonly isPersistent: boolean;
}

/** Creates a parser of HTTP/1.1 (RFC 9112). It skips informational responses. */
export function createResponseParser(): ResponseParser {
  let header: Header | undefined;
  let reader: BodyReader | undefined;
  let pending: Buffer | undefined;

  function addToHeader(bytes: Buffer): Buffer | undefined {
    let rest = pending ? Buffer.concat([pending, bytes]) : bytes;
    for (;;) {
      const length = rest.indexOf(HEADER_END);
      if ((length < 0 ? rest.length : length) > MAX_HEADER_BYTES) {
        throw new ResponseSyntaxError("The header is too long.");
      }
      if (length < 0) {
        pending = rest;
        return undefined;
      }
      const parsed = parseHeader(rest.toString("latin1", 0, length));
      rest = rest.subarray(length + HEADER_END.length);
      if (parsed.status < 200) continue;
      header = parsed;
      reader = createBodyReader(parsed.status, parsed.headers);
      return rest;
    }
  }

  return {
    add(bytes) {
      const bodyBytes = reader ? bytes : addToHeader(bytes);
      const result = bodyBytes && reader!.add(bodyBytes);
      if (!result) return undefined;
      const { status, headers, isPersistent } = header!;
      return { status, headers, body: result.body, isReusable: isPersistent && !result.hasTrailingBytes };
    },
    end() {
      const body = reader?.end();
      return body && { status: header!.status, headers: header!.headers, body, isReusable: false };
    },
  };
}

function parseHeader(text: string): Header {
  const [statusLine, ...fieldLines] = text.split("\r\n");
  const [, minorVersion, status] = STATUS_LINE.exec(statusLine!) ?? [];
  if (status === undefined) throw new ResponseSyntaxError("The status line is invalid.");
  const headers = new Map<string, string>();
  for (const line of fieldLines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const untrimmed = line.slice(colon + 1);
    if (!FIELD_NAME.test(name) || INVALID_VALUE.test(untrimmed))
      throw new ResponseSyntaxError("A header field is invalid.");
    const value = untrimmed.trim();
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  const connection = headers.get("connection") ?? "";
  const isPersistent = minorVersion === "1" ? !hasOption(connection, "close") : hasOption(connection, "keep-alive");
  return { status: Number(status), headers, isPersistent };
}

function hasOption(connection: string, option: string): boolean {
  return (
    connection !== "" &&
    connection
      .toLowerCase()
      .split(/[ \t]*,[ \t]*/)
      .includes(option)
  );
}
