import type { RequestRecord } from "@user-management/rest-adapter";
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from "pino";
import { createLogDestination } from "./log-destination.ts";

/** Creates a log that writes one JSON object per line to standard output, or readable lines to a terminal. */
export async function createLog(level: string): Promise<Logger> {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const destination = await openStandardOutput((droppedRecords) => {
    log.error({ dropped_records: droppedRecords }, "log records were dropped");
  });
  const log = pino(options, destination);
  return log;
}

async function openStandardOutput(onRecover: (droppedRecords: number) => void): Promise<DestinationStream> {
  if (!process.stdout.isTTY) return createLogDestination(process.stdout, { onRecover });
  const { default: pretty } = await import("pino-pretty");
  return pretty({ sync: true });
}

/** Logs a request without its path, query and body, which may contain personal data. */
export function logRequest(log: Logger, record: RequestRecord): void {
  const { requestId, method, route, status, durationMs, contentLength, error } = record;
  const fields = {
    method,
    route,
    status,
    duration_ms: Math.round(durationMs * 1000) / 1000,
    bytes: contentLength,
    request_id: requestId,
    ...(error !== undefined && { err: error }),
  };
  if (status >= 500) log.error(fields, "request failed");
  else log.info(fields, "request");
}
