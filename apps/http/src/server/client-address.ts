import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Networks } from "./networks.ts";

/**
 * Creates the function that returns the IP address of the client of a request: the peer of its connection or, behind
 * trusted proxies, the rightmost entry of `X-Forwarded-For` that is not a trusted proxy. Each proxy appends the address
 * from which it received the request, so the entries to the left of that one may be forged by the client.
 *
 * The search ends at an entry that is not an address, such as `unknown`; the client is then the proxy that added it.
 */
export function createClientAddress(trustedProxies: Networks): (incoming: IncomingMessage) => string | undefined {
  return ({ socket, headers }) => {
    let address = socket.remoteAddress;
    const entries = String(headers["x-forwarded-for"] ?? "").split(",");
    while (trustedProxies.includes(address) && entries.length > 0) {
      const entry = parseAddress(entries.pop()!.trim());
      if (entry === undefined) break;
      address = entry;
    }
    return address;
  };
}

/** Some proxies add the port, and then write an IPv6 address in brackets. */
function parseAddress(entry: string): string | undefined {
  const address = /^\[([^\]]*)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry;
  return isIP(address) === 0 ? undefined : address;
}
