import type { Exchange } from "@user-management/rest-adapter";
import type { Settings } from "./settings.ts";

/** The line of an invocation, and what else the function has to say. */
export interface Log {
  readonly request: (exchange: Exchange, lambdaRequestId: string, coldStart: boolean) => void;
  readonly warn: (message: string, error: unknown) => void;
}

const LEVELS = ["debug", "info", "warn", "error", "fatal", "silent"];

/**
 * One JSON object per line with `level` and `timestamp`, as Lambda's JSON log format has it (AWS: "Configuring JSON and
 * plain text log formats"), written before the invocation ends. Nothing in it is of a person.
 */
export function createLog(level: Settings["LOG_LEVEL"]): Log {
  const write = (at: string, message: string, fields: object) => {
    if (LEVELS.indexOf(at) < LEVELS.indexOf(level)) return;
    process.stdout.write(`${JSON.stringify({ level: at, timestamp: new Date().toISOString(), message, ...fields })}\n`);
  };
  return {
    request({ requestId, method, route, status, milliseconds, bytes, error }, lambda_request_id, cold_start) {
      write(status >= 500 ? "error" : "info", "request", {
        method,
        route,
        status,
        duration_ms: Math.round(milliseconds * 1000) / 1000,
        bytes,
        request_id: requestId,
        lambda_request_id,
        cold_start,
        ...(error !== undefined && { error: describe(error) }),
      });
    },
    warn: (message, error) => write("warn", message, { error: describe(error) }),
  };
}

/** An error with its stack and what caused it. */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause !== undefined && { cause: describe(cause) }) };
}
