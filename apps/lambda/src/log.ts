import { toLogMembers, type RequestRecord } from "@user-management/rest-adapter";
import type { Settings } from "./settings.ts";

export interface Log {
  /** Writes the record of an invocation. */
  readonly request: (record: RequestRecord, lambdaRequestId: string, isColdStart: boolean) => void;
  readonly warn: (message: string, error: unknown) => void;
}

const LEVELS = ["debug", "info", "warn", "error", "fatal", "silent"];

/**
 * Creates a log that writes one JSON object per line with `level` and `timestamp` (AWS: "Configuring JSON and plain text
 * log formats"). Records are written synchronously, before the invocation ends, and contain no personal data.
 */
export function createLog(minimumLevel: Settings["LOG_LEVEL"]): Log {
  const write = (level: string, message: string, members: object) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(minimumLevel)) return;
    const record = { level, timestamp: new Date().toISOString(), message, ...members };
    process.stdout.write(`${JSON.stringify(record)}\n`);
  };
  return {
    request(record, lambda_request_id, cold_start) {
      const { status, error } = record;
      write(status >= 500 ? "error" : "info", "request", {
        ...toLogMembers(record),
        lambda_request_id,
        cold_start,
        ...(error !== undefined && { error: serializeError(error) }),
      });
    },
    warn: (message, error) => write("warn", message, { error: serializeError(error) }),
  };
}

/** Serializes an error with its stack and its causes. */
function serializeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause !== undefined && { cause: serializeError(cause) }) };
}
