import type { ServerOptions } from "./server.ts";
import type { Settings } from "./settings.ts";

type PlaceSettings = Pick<Settings, "HOST" | "PORT" | "AWS_LAMBDA_HTTP_ENDPOINT">;

/**
 * Where the server listens and how long it may drain. A Lambda Web Function listens where Lambda says, gets about a
 * second between SIGTERM and the end, and no request after SIGTERM.
 */
export function placeOf({
  HOST,
  PORT,
  AWS_LAMBDA_HTTP_ENDPOINT,
}: PlaceSettings): Pick<ServerOptions, "host" | "port" | "times"> {
  if (AWS_LAMBDA_HTTP_ENDPOINT === undefined) return { host: HOST, port: PORT };
  const colon = AWS_LAMBDA_HTTP_ENDPOINT.lastIndexOf(":");
  return {
    host: AWS_LAMBDA_HTTP_ENDPOINT.slice(0, colon).replace(/^\[(.*)\]$/, "$1"),
    port: Number(AWS_LAMBDA_HTTP_ENDPOINT.slice(colon + 1)),
    times: { grace: 0, drain: 700 },
  };
}
