import type { AuditRecord } from "@user-management/domain";
import { toLogMembers, type RequestRecord } from "@user-management/rest-adapter";
import type { Settings } from "./settings.ts";

export interface Log {
  /** Writes the record of an invocation. */
  readonly request: (record: RequestRecord, lambdaRequestId: string, isColdStart: boolean) => void;
  /** Writes the record of an attempt to write. */
  readonly audit: (record: AuditRecord) => void;
  readonly warn: (message: string, error?: unknown) => void;
}

const LEVELS = ["debug", "info", "warn", "error", "fatal", "silent"];

/**
 * Creates a log that writes one JSON object per line with `level` and `timestamp` (AWS: "Configuring JSON and plain text
 * log formats"). Records are written synchronously, before the invocation ends, and contain no personal data.
 */
export function createLog(minimumLevel: Settings["LOG_LEVEL"]): Log {
  const write = (level: string, members: object) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(minimumLevel)) return;
    const record = { level, timestamp: new Date().toISOString(), ...members };
    process.stdout.write(`${JSON.stringify(record)}\n`);
  };
  return {
    request(record, lambda_request_id, cold_start) {
      const { status, error } = record;
      write(status >= 500 ? "error" : "info", {
        message: "request",
        ...toLogMembers(record),
        lambda_request_id,
        cold_start,
        ...serializeError(error),
      });
    },
    // `msg` as in the audit records of the server and of the commands, so that one query finds all of them.
    audit: (record) => write("info", { msg: "audit", ...record }),
    warn: (message, error) => write("warn", { message, ...serializeError(error) }),
  };
}

/** Returns a member with the error, its stack and its causes, if there is an error. */
function serializeError(error: unknown): { error?: object } {
  return error === undefined ? {} : { error: toPlainError(error) };
}

function toPlainError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause !== undefined && { cause: toPlainError(cause) }) };
}
