import { existsSync } from "node:fs";
import { createUserImporter, type ImportOutcome, type UserImporterOptions } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/in-memory";
import type { ImportFormat, Row } from "../formats/format.ts";
import { EXIT_CODES, notify, print } from "../output.ts";
import { startProgress } from "../progress.ts";
import { formatStore, type StoreSettings } from "../settings.ts";
import { openStore, type Store } from "../store.ts";
import { openErrorReport } from "./error-report.ts";
import { createImportState, getStatePath, readSettledRow } from "./import-state.ts";
import { createRowId, inspectInput } from "./input.ts";
import { Interruption } from "./interruption.ts";
import { createRateLimiter, estimateDurationS } from "./rate-limiter.ts";
import { createRetry } from "./retry.ts";
import { runRows } from "./run-rows.ts";
import { computeWriteUnits, WRITE_UNITS_OF_USER } from "./write-units.ts";

export interface ImportFileOptions extends Pick<UserImporterOptions, "onConflict" | "match" | "isDryRun"> {
  readonly settings: StoreSettings;
  readonly format: ImportFormat;
  /** The path of the report of errors; defaults to standard error. */
  readonly errors?: string;
  readonly isResumed: boolean;
  /** Whether a state file is written beside the input. */
  readonly hasState: boolean;
  readonly concurrency: number;
  readonly maxWriteUnits?: number;
  readonly read: (path: string) => AsyncIterable<readonly Row[]>;
  readonly stop: AbortController;
}

/** Imports a file, prints the summary and sets the exit code. */
export async function importFile(path: string, options: ImportFileOptions): Promise<void> {
  const { settings, format, isDryRun, isResumed, maxWriteUnits, stop } = options;
  const input = await inspectInput(path, format, stop.signal);
  const identity = { digest: input.digest, format, store: formatStore(settings) };
  const statePath = getStatePath(path);
  const startRow = isResumed ? readSettledRow(statePath, identity) : 0;
  const store = openTarget(settings, isDryRun);
  const limiter = settings.kind === "dynamodb" && !isDryRun ? createRateLimiter({ maxWriteUnits }) : undefined;
  const retry = createRetry(stop.signal, limiter?.slowDown);
  const importRow = createUserImporter({ ...options, users: store.users, now: () => new Date() });
  const report = openErrorReport(options.errors, isResumed);
  const state = options.hasState ? createImportState(statePath, identity, report.sync) : undefined;
  const counts = { read: 0, created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0 };
  const startedAt = performance.now();
  try {
    // No user has an empty id. A store that is unavailable now is not one that is slow.
    await retry((context) => store.users.get("", context));
    notify(describeEstimate(input.rows - startRow, limiter && { maxWriteUnits }));
    const progress = startProgress(input.rows);
    const settledRow = await runRows({
      ...options,
      batches: options.read(path),
      settledRow: startRow,
      run: async (row) => settle(row, await runRow(row)),
      onSettled: (row) => {
        progress.update(startRow + counts.read);
        state?.save(row);
      },
    });
    progress.stop();
    if (stop.signal.aborted) state?.flush(settledRow);
    else state?.delete();
    if (stop.signal.aborted && !(stop.signal.reason instanceof Interruption)) throw stop.signal.reason;
  } finally {
    report.close();
    store.close();
  }
  print(JSON.stringify({ ...counts, seconds: Number(((performance.now() - startedAt) / 1_000).toFixed(3)) }));
  if (counts.failed > 0) process.exitCode = EXIT_CODES.incomplete;

  async function runRow(row: Row): Promise<ImportOutcome | undefined> {
    if ("issue" in row) return undefined;
    const { value } = row;
    const units = limiter ? computeWriteUnits(value, options.onConflict) : 0;
    return retry(
      (context) => importRow(value, createRowId(input.digest, row.row), context),
      limiter && (() => limiter.acquire(units, stop.signal)),
    );
  }

  function settle(row: Row, result: ImportOutcome | undefined): void {
    if ("issue" in row) report.add(row.row, undefined, [row.issue]);
    else if (result?.outcome === "failed") report.add(row.row, result.user_id, result.issues);
    counts.read += 1;
    counts[result?.outcome ?? "failed"] += 1;
  }
}

/** Opens the store. A dry run creates no file, so it validates the rows against an empty store. */
function openTarget(settings: StoreSettings, isDryRun: boolean): Pick<Store, "users" | "close"> {
  if (isDryRun && settings.kind === "sqlite" && !existsSync(settings.path)) {
    return { users: createInMemoryUserRepository(), close: () => undefined };
  }
  return openStore(settings, !isDryRun);
}

/** Describes what an import takes; the write units and the duration only if it is limited. */
function describeEstimate(rows: number, limits: { maxWriteUnits: number | undefined } | undefined): string {
  if (!limits) return `About ${rows} rows.`;
  const units = rows * WRITE_UNITS_OF_USER;
  const seconds = estimateDurationS(rows, WRITE_UNITS_OF_USER, limits.maxWriteUnits);
  return `About ${rows} rows, ${units} write units or more, ${seconds} s or more.`;
}
