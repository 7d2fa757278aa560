import type { IncomingMessage } from "node:http";
import { isForwarded } from "./misdirected-request.ts";

/**
 * Returns the absolute URL of the server as the client addressed it, or `undefined` if a proxy forwarded the request: it may
 * have terminated TLS, or removed a prefix of the path.
 */
export function getBaseUrl(incoming: IncomingMessage): string | undefined {
  // `headers.host` is the one that the server gives to every request.
  const { rawHeaders } = incoming;
  const index = rawHeaders.findIndex((name, n) => n % 2 === 0 && name.toLowerCase() === "host");
  if (index < 0 || isForwarded(incoming)) return undefined;
  const host = rawHeaders[index + 1]!;
  const url = `http://${host}`;
  // Parsing changes what is no plain host: a path, a user, upper-case letters, a default port.
  return URL.canParse(url) && new URL(url).host === host ? url : undefined;
}
