import { ApiError, type UsersClient } from "@user-management/client";
import { describeFailure } from "./failure.ts";
import { toLabel } from "./fields.ts";
import { createKeyPrefix } from "./idempotency-key.ts";
import { FileError, type FailedRow, type ValidRow } from "./read-rows.ts";

/** The number of rows that are imported concurrently. */
const CONCURRENCY = 4;

/** A longer file is for `userctl import`, which does not keep it in memory. */
const MAX_FILE_BYTES = 50 * 1024 * 1024;

/** The text of a file, and the prefix of the idempotency keys of its rows: one row of one file creates one user. */
export interface FileContent {
  readonly text: string;
  readonly keyPrefix: string;
}

/** @throws FileError if the file is too large or is not UTF-8 */
export async function readFile(file: File): Promise<FileContent> {
  if (file.size > MAX_FILE_BYTES) throw new FileError("The file is larger than 50 MiB. Import it with userctl import.");
  const bytes = await file.arrayBuffer();
  return { text: decodeText(bytes), keyPrefix: await createKeyPrefix(bytes) };
}

function decodeText(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileError("The file is not text in UTF-8. In a spreadsheet program, save it as CSV UTF-8.");
  }
}

/** An import in progress: one that has stopped continues with the rows that are left. */
export interface Import {
  readonly keyPrefix: string;
  readonly pending: ValidRow[];
  readonly failed: FailedRow[];
  created: number;
}

/**
 * Creates the users of the pending rows.
 *
 * @throws ApiError if the service is unavailable or rejects the key; no row is lost
 */
export async function importRows(
  client: UsersClient,
  target: Import,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: () => void },
): Promise<void> {
  let failure: unknown;
  async function work(): Promise<void> {
    for (let row = target.pending.shift(); row !== undefined; row = target.pending.shift()) {
      try {
        await client.create(row.user, { idempotencyKey: `${target.keyPrefix}-${row.row}`, signal });
        target.created += 1;
      } catch (error) {
        const rules = error instanceof ApiError ? describeRowFailure(error) : undefined;
        if (!rules || !(error instanceof ApiError)) {
          target.pending.unshift(row);
          failure ??= error;
        } else {
          target.failed.push({ row: row.row, source: row.source, rules });
        }
      }
      onProgress();
      if (failure !== undefined) return;
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  if (failure !== undefined) throw failure;
}

/** Describes a failure that is due to the row; returns `undefined` for one that others would have too. */
function describeRowFailure(error: ApiError): string[] | undefined {
  const { type, status = 0 } = error;
  if (status < 400 || status >= 500 || type === "unexpected-response" || [401, 403, 408, 421, 429].includes(status)) {
    return undefined;
  }
  const { message, fields } = describeFailure(error);
  const rules = Object.entries(fields).map(([key, rule]) => `${toLabel(key)}: ${rule}`);
  return rules.length > 0 ? rules : [message];
}
