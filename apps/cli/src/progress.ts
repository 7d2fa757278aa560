import { SingleBar } from "cli-progress";
import { notify } from "./output.ts";

const REPORT_INTERVAL_MS = 10_000;

/** Shows the progress of a command on standard error. */
export interface Progress {
  readonly update: (rows: number) => void;
  readonly stop: () => void;
}

/**
 * Shows a bar in a terminal, or else a line every 10 seconds.
 *
 * @param total the number of rows, if it is known
 */
export function startProgress(total: number | undefined): Progress {
  return process.stderr.isTTY ? startBar(total) : startLines(total);
}

function startBar(total: number | undefined): Progress {
  const startedAt = performance.now();
  const format =
    total === undefined
      ? "{value} rows | {rate} rows/s"
      : "{bar} {percentage}% | {value} of {total} rows | {rate} rows/s | {eta_formatted} left";
  const bar = new SingleBar({ format, stream: process.stderr, etaBuffer: 10_000 });
  bar.start(total ?? 0, 0, { rate: 0 });
  return {
    update: (rows) => bar.update(rows, { rate: computeRate(rows, startedAt) }),
    stop: () => bar.stop(),
  };
}

function startLines(total: number | undefined): Progress {
  const startedAt = performance.now();
  let current = 0;
  const timer = setInterval(() => {
    const rate = computeRate(current, startedAt);
    const remaining = total === undefined || rate === 0 ? "" : `, about ${Math.ceil((total - current) / rate)} s left`;
    notify(`${current}${total === undefined ? "" : ` of ${total}`} rows, ${rate} rows/s${remaining}`);
  }, REPORT_INTERVAL_MS).unref();
  return { update: (rows) => (current = rows), stop: () => clearInterval(timer) };
}

function computeRate(rows: number, startedAt: number): number {
  return Math.round((rows * 1_000) / Math.max(performance.now() - startedAt, 1));
}
