import type { Writable } from "node:stream";
import type { AuditRecord } from "@user-management/domain";
import { toLogMembers, type RequestRecord } from "@user-management/rest-adapter";
import { pino, type DestinationStream, type Logger } from "pino";

/** Creates a log that writes one JSON object per line to standard output, or readable lines to a terminal. */
export async function createLog(level: string): Promise<Logger> {
  const options = {
    level,
    base: null,
    timestamp: createTimestamp(),
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

/** Creates the function that returns the member with the time. Records of the same millisecond share its text. */
function createTimestamp(): () => string {
  let timeMs = 0;
  let text = "";
  return () => {
    const nowMs = Date.now();
    if (nowMs !== timeMs) {
      timeMs = nowMs;
      text = `,"time":"${new Date(nowMs).toISOString()}"`;
    }
    return text;
  };
}

/** Logs a request without its path, query and body, which may contain personal data. */
export function logRequest(log: Logger, record: RequestRecord): void {
  const { status, error } = record;
  const members = { ...toLogMembers(record), ...(error !== undefined && { err: error }) };
  if (status >= 500) log.error(members, "request failed");
  else log.info(members, "request");
}

/** Logs an attempt to write, without the values of fields. */
export function logAudit(log: Logger, record: AuditRecord): void {
  log.info(record, "audit");
}

/** Records beyond this backlog are dropped. It holds some 5,000 requests. */
const MAX_BACKLOG_BYTES = 1024 * 1024;

export interface LogDestinationOptions {
  /** Called when records can be written again, with the number of records that were dropped since the last call. */
  readonly onRecover: (droppedRecords: number) => void;
  readonly maxBacklogBytes?: number;
}

/**
 * Writes log records to a stream without depending on its reader: a record is dropped if the reader is too far behind
 * or the write fails (a full disk, a closed pipe). Neither blocks the service, ends it or grows its memory.
 *
 * The first record in a turn of the event loop is written at once. Those that follow it in the same turn are written
 * together, at the end of the turn or when the process exits: a write takes longer than the formatting of a record.
 */
export function createLogDestination(
  stream: Writable,
  { onRecover, maxBacklogBytes = MAX_BACKLOG_BYTES }: LogDestinationOptions,
): DestinationStream {
  const batch: string[] = [];
  let isFirst = true;
  let backlogBytes = 0;
  let droppedRecords = 0;
  stream.on("error", () => undefined); // passed to the callback of each write as well
  process.on("exit", writeBatch);

  return {
    write(record) {
      const bytes = Buffer.byteLength(record);
      if (backlogBytes + bytes > maxBacklogBytes) {
        droppedRecords += 1;
        return;
      }
      backlogBytes += bytes;
      batch.push(record);
      if (!isFirst) return;
      isFirst = false;
      writeBatch();
      setImmediate(() => {
        isFirst = true;
        writeBatch();
      });
    },
  };

  function writeBatch(): void {
    if (batch.length === 0) return;
    const records = batch.splice(0);
    const text = records.join("");
    stream.write(text, (error) => {
      backlogBytes -= Buffer.byteLength(text);
      if (error) droppedRecords += records.length;
      else reportDropped();
    });
  }

  /** Waits until half of the backlog is written, so that a slow reader gets one report for many records. */
  function reportDropped(): void {
    if (droppedRecords === 0 || backlogBytes > maxBacklogBytes / 2) return;
    const count = droppedRecords;
    droppedRecords = 0;
    onRecover(count);
  }
}
