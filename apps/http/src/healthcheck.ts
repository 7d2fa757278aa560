import { get, type IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import { text } from "node:stream/consumers";
import { StartError } from "./process-exit.ts";
import { resolveEndpoint } from "./server/listen-address.ts";
import type { Settings } from "./settings.ts";

/** The maximum time for the check, in milliseconds: less than the 3 s that the image allows. */
const TIMEOUT_MS = 2_000;

/** The loopback addresses on which a server listens that listens on every address (RFC 4291 section 2.5.2 and 2.5.3). */
const LOOPBACK_OF_WILDCARD: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/**
 * Requests `/healthz` from the server that runs with these settings, and resolves if it is alive. It allows a container
 * without a shell to check itself.
 *
 * @throws StartError if the server does not respond with 200 in time, or if its port is unknown
 */
export async function checkHealth(settings: Settings): Promise<void> {
  const { host, port } = await resolveEndpoint(settings);
  if (port === 0) throw new StartError("the port of the server is unknown; set PORT to a port other than 0");
  const address = LOOPBACK_OF_WILDCARD[host] ?? host;
  const url = `http://${isIPv6(address) ? `[${address}]` : address}:${port}/healthz`;
  const response = await request({ host: address, port }).catch((cause: Error) => {
    throw new StartError(`${url} is unavailable: ${describeFailure(cause)}`, { cause });
  });
  if (response.statusCode !== 200) throw new StartError(`${url} returned ${response.statusCode}`);
}

/** Resolves with a response whose body is read, so that its connection is closed. */
async function request({ host, port }: { host: string; port: number }): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  get({ host, port, path: "/healthz", agent: false, signal }, resolve).on("error", reject);
  const response = await promise;
  await text(response);
  return response;
}

function describeFailure(cause: Error): string {
  if (cause.name === "AbortError") return `no response within ${TIMEOUT_MS / 1_000} seconds`;
  return "code" in cause ? String(cause.code) : cause.message;
}
