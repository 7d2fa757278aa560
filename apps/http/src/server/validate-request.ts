import type { IncomingMessage } from "node:http";

/** `host [":" port]` of RFC 3986, with an IPv6 address in brackets. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~%!$&'()*+,;=-]*)(?::\d*)?$/i;

/** Reports whether a parsed request is valid HTTP/1.0 or HTTP/1.1: the parser of Node.js is more lenient than RFC 9112. */
export function isValidRequest(incoming: IncomingMessage): boolean {
  return hasSupportedVersion(incoming) && hasValidHost(incoming) && hasValidTransferEncoding(incoming);
}

/** The parser also accepts 0.9 and 2.0. */
function hasSupportedVersion({ httpVersion }: IncomingMessage): boolean {
  return httpVersion === "1.1" || httpVersion === "1.0";
}

/** RFC 9112 section 3.2: exactly one `Host`, which HTTP/1.0 may omit. */
function hasValidHost({ httpVersion, headers, rawHeaders }: IncomingMessage): boolean {
  let count = 0;
  for (let n = 0; n < rawHeaders.length; n += 2) if (rawHeaders[n]!.toLowerCase() === "host") count += 1;
  if (count === 0) return httpVersion === "1.0";
  return count === 1 && HOST.test(headers.host ?? "");
}

/** RFC 9112 section 6.1: no coding but `chunked` is implemented here, and HTTP/1.0 has no transfer codings. */
function hasValidTransferEncoding({ httpVersion, headers }: IncomingMessage): boolean {
  const coding = headers["transfer-encoding"];
  return coding === undefined || (httpVersion === "1.1" && coding.toLowerCase() === "chunked");
}

/**
 * Replaces the host with a constant: nothing depends on it, and the listener accepts fewer hosts than the RFC. `*`, the
 * target of `OPTIONS` for the whole server, becomes a path that has no route.
 */
export function normalizeRequest(incoming: IncomingMessage): void {
  incoming.headers.host = "localhost";
  if (incoming.url === "*") incoming.url = "/*";
}
