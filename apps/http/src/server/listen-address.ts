import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP, type AddressInfo, type Server } from "node:net";
import type { Settings } from "../settings.ts";
import { StartError } from "../process-exit.ts";
import { isLoopback } from "./networks.ts";
import { DEFAULT_TIMEOUTS_MS, WEB_FUNCTION_TIMEOUTS_MS, type Timeouts } from "./timeouts.ts";

export interface ListenAddress {
  /** An IP address. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

export interface Endpoint extends ListenAddress {
  readonly timeouts: Timeouts;
  /** Whether only programs on this machine can connect. */
  readonly isLoopback: boolean;
}

/** The names of the settings that contain an address, for messages. */
interface SettingNames {
  readonly host: string;
  readonly port: string;
}

const SETTING_NAMES: SettingNames = { host: "HOST", port: "PORT" };

type NetworkSettings = Pick<Settings, "HOST" | "PORT" | "AWS_LAMBDA_HTTP_ENDPOINT">;

/**
 * Returns the address to listen on and the timeouts. A host name is resolved here, so that the rules of access are those
 * of the address on which the server listens. Lambda dictates the address of a web function and forwards requests to it,
 * so that address is never a loopback address.
 *
 * @throws StartError if the host name cannot be resolved
 */
export async function resolveEndpoint(settings: NetworkSettings): Promise<Endpoint> {
  const { HOST, PORT, AWS_LAMBDA_HTTP_ENDPOINT: endpoint } = settings;
  if (endpoint === undefined) {
    const host = await resolveHost(HOST, PORT);
    return { host, port: PORT, timeouts: DEFAULT_TIMEOUTS_MS, isLoopback: isLoopback(host) };
  }
  const colon = endpoint.lastIndexOf(":");
  const port = Number(endpoint.slice(colon + 1));
  const host = await resolveHost(endpoint.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), port);
  return { host, port, timeouts: WEB_FUNCTION_TIMEOUTS_MS, isLoopback: false };
}

/**
 * Returns the address of a host name.
 *
 * @throws StartError if it cannot be resolved
 */
export async function resolveHost(host: string, port: number, names = SETTING_NAMES): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw createListenError({ host, port }, cause, names);
  }
}

/**
 * Starts listening and returns the server's URL.
 *
 * @throws StartError if the server cannot listen on the address
 */
export async function listen(server: Server, { host, port }: ListenAddress, names = SETTING_NAMES): Promise<string> {
  server.listen(port, host);
  await once(server, "listening").catch((cause: unknown) => {
    throw createListenError({ host, port }, cause, names);
  });
  return formatUrl(server.address() as AddressInfo);
}

function formatUrl({ address, port, family }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function createListenError({ host, port }: ListenAddress, cause: unknown, names: SettingNames): StartError {
  return new StartError(`cannot listen on ${host}:${port}: ${describeListenError(cause, names)}`, { cause });
}

function describeListenError(cause: unknown, names: SettingNames): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE") return `the port is in use; set ${names.port} to another one`;
  if (code === "EACCES") return `the port is privileged; set ${names.port} to 1024 or above`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return `${names.host} is not an address of this machine`;
  }
  return String(cause);
}
