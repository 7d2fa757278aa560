import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import type { RowIssue } from "../formats/format.ts";
import { notify } from "../output.ts";

/** Reports the rows that were not imported, one line of NDJSON for each issue, without any value. */
export interface ErrorReport {
  readonly add: (row: number, id: string | undefined, issues: readonly RowIssue[]) => void;
  /** Makes the report durable. */
  readonly sync: () => void;
  readonly close: () => void;
}

/**
 * Opens a report.
 *
 * @param path the file; defaults to standard error
 * @param isContinued whether the report is added to the file
 */
export function openErrorReport(path: string | undefined, isContinued: boolean): ErrorReport {
  const file = path === undefined ? undefined : openSync(path, isContinued ? "a" : "w", 0o600);
  return {
    add(row, id, issues) {
      const lines = issues.map(({ code, pointer, detail }) => JSON.stringify({ row, id, code, pointer, detail }));
      if (file === undefined) for (const line of lines) notify(line);
      else writeSync(file, lines.map((line) => `${line}\n`).join(""));
    },
    sync: () => void (file !== undefined && fsyncSync(file)),
    close: () => void (file !== undefined && closeSync(file)),
  };
}
