import type { Exchange } from "@user-management/rest-adapter";
import { pino, stdTimeFunctions, type Logger } from "pino";

/** One JSON object per line on standard output; readable lines when a person watches in a terminal. */
export async function createLog(level: string): Promise<Logger> {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // A log that cannot be written, as on a full disk or to a reader who has gone, must not end the service.
  process.stdout.on("error", () => undefined);
  if (!process.stdout.isTTY) return pino(options, process.stdout);
  const { default: pretty } = await import("pino-pretty");
  return pino(options, pretty({ sync: true }));
}

/** The line of a request. What it leaves out, such as a path, a query or a body, may be of a person. */
export function logExchange(
  log: Logger,
  { requestId, method, route, status, milliseconds, bytes, error }: Exchange,
): void {
  const line = {
    method,
    route,
    status,
    duration_ms: Math.round(milliseconds * 1000) / 1000,
    bytes,
    request_id: requestId,
    ...(error !== undefined && { err: error }),
  };
  if (status >= 500) log.error(line, "request failed");
  else log.info(line, "request");
}
