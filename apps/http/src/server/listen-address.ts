import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import type { Settings } from "../settings.ts";
import { StartError } from "../process-exit.ts";
import { DEFAULT_TIMEOUTS_MS, WEB_FUNCTION_TIMEOUTS_MS, type Timeouts } from "./timeouts.ts";

export interface ListenAddress {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

type NetworkSettings = Pick<Settings, "HOST" | "PORT" | "AWS_LAMBDA_HTTP_ENDPOINT">;

/** Returns the address to listen on and the timeouts. Lambda dictates the address of a web function. */
export function toServerOptions(settings: NetworkSettings): ListenAddress & { readonly timeouts: Timeouts } {
  const { HOST, PORT, AWS_LAMBDA_HTTP_ENDPOINT: endpoint } = settings;
  if (endpoint === undefined) return { host: HOST, port: PORT, timeouts: DEFAULT_TIMEOUTS_MS };
  const colon = endpoint.lastIndexOf(":");
  return {
    host: endpoint.slice(0, colon).replace(/^\[(.*)\]$/, "$1"),
    port: Number(endpoint.slice(colon + 1)),
    timeouts: WEB_FUNCTION_TIMEOUTS_MS,
  };
}

/**
 * Starts listening and returns the server's URL.
 *
 * @throws StartError if the server cannot listen on the address
 */
export async function listen(server: Server, { host, port }: ListenAddress): Promise<string> {
  server.listen(port, host);
  await once(server, "listening").catch((cause: unknown) => {
    throw new StartError(`cannot listen on ${host}:${port}: ${describeListenError(cause)}`, { cause });
  });
  return formatUrl(server.address() as AddressInfo);
}

function formatUrl({ address, port, family }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function describeListenError(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE") return "the port is in use; set PORT to another one";
  if (code === "EACCES") return "the port is privileged; set PORT to 1024 or above";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return "HOST is not an address of this machine";
  return String(cause);
}
