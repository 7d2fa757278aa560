import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { isLoopback, type Networks } from "./networks.ts";

export interface LocalRequestOptions {
  /** Accepted names of the server besides `localhost` and loopback addresses, without port. */
  readonly allowedHosts: readonly string[];
  /** Accepted origins of web pages besides that of the server. */
  readonly allowedOrigins: readonly string[];
  /** The proxies that may forward requests. */
  readonly trustedProxies: Networks;
}

/**
 * Creates the function that reports whether a request comes from a program on this machine, or from a page of this
 * server or of an allowed origin, as opposed to:
 *
 * - a page of another site, whose `Origin` is foreign, or whose host name resolves to this machine (DNS rebinding)
 * - another machine, through a tunnel or a proxy
 *
 * It evaluates the headers that the client sent, so it must be called before any of them is rewritten.
 */
export function createLocalRequestCheck(options: LocalRequestOptions): (incoming: IncomingMessage) => boolean {
  const allowedHosts = new Set(options.allowedHosts.map((host) => host.toLowerCase()));

  return (incoming) => {
    const { host, origin } = incoming.headers;
    return (
      (host === undefined || isLocalHost(host)) &&
      isLocalTarget(incoming.url ?? "") &&
      (origin === undefined || options.allowedOrigins.includes(origin) || isOwnOrigin(origin, host)) &&
      (!isForwarded(incoming) || options.trustedProxies.includes(incoming.socket.remoteAddress))
    );
  };

  /** The host of a target in absolute form replaces `Host` (RFC 9112 section 3.2.2). A malformed target has none. */
  function isLocalTarget(target: string): boolean {
    return target.startsWith("/") || !URL.canParse(target) || isLocalHost(new URL(target).host);
  }

  function isLocalHost(host: string): boolean {
    const name = host.toLowerCase().replace(/:\d*$/, "");
    if (name === "localhost" || allowedHosts.has(name)) return true;
    const address = name.replace(/^\[(.*)\]$/, "$1");
    return isIP(address) !== 0 && isLoopback(address);
  }
}

/** Reports whether an origin is that of the server itself, behind which a proxy may have terminated TLS. */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  return ["http", "https"].some((scheme) => {
    const url = `${scheme}://${host}`;
    return host !== undefined && URL.canParse(url) && new URL(url).origin === origin;
  });
}

/** RFC 7239, the headers that it replaces, and RFC 9110 section 7.6.3. */
export function isForwarded({ headers }: IncomingMessage): boolean {
  return Object.keys(headers).some((name) => name === "forwarded" || name === "via" || name.startsWith("x-forwarded-"));
}
