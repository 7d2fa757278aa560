import type { Row } from "../formats/format.ts";

export interface RunRowsOptions {
  readonly batches: AsyncIterable<readonly Row[]>;
  /** The row after which the run starts. */
  readonly settledRow: number;
  /** The maximum number of rows that run concurrently. */
  readonly concurrency: number;
  /** Settles a row. */
  readonly run: (row: Row) => Promise<void>;
  readonly stop: AbortController;
  /** Receives the highest row below which all are settled, after each row. */
  readonly onSettled: (settledRow: number) => void;
}

/**
 * Runs the rows of a file concurrently, and starts no further row once the controller aborts. The first error of a row
 * or of the file aborts it with that error.
 *
 * @returns the highest row below which all are settled
 */
export async function runRows(options: RunRowsOptions): Promise<number> {
  const { batches, settledRow, concurrency, run, stop, onSettled } = options;
  /** In the order in which they were started, which is that of the file. */
  const unsettledRows = new Set<number>();
  let lastRow = settledRow;
  let runningCount = 0;
  let notifyEnd: (() => void) | undefined;

  try {
    for await (const batch of batches) {
      if (await startBatch(batch)) break;
    }
  } catch (error) {
    stop.abort(error);
  }
  await waitForFewerThan(1);
  return getSettledRow();

  /** Returns whether the controller has aborted. */
  async function startBatch(batch: readonly Row[]): Promise<boolean> {
    for (const row of batch) {
      if (row.row <= settledRow) continue;
      await waitForFewerThan(concurrency);
      if (stop.signal.aborted) return true;
      void start(row);
    }
    return stop.signal.aborted;
  }

  async function start(row: Row): Promise<void> {
    lastRow = row.row;
    unsettledRows.add(row.row);
    runningCount += 1;
    try {
      await run(row);
      unsettledRows.delete(row.row);
      onSettled(getSettledRow());
    } catch (error) {
      stop.abort(error);
    } finally {
      runningCount -= 1;
      notifyEnd?.();
    }
  }

  /** Waits until fewer rows than `count` run. */
  async function waitForFewerThan(count: number): Promise<void> {
    if (runningCount < count) return;
    await new Promise<void>((resolve) => {
      notifyEnd = () => {
        if (runningCount < count) resolve();
      };
    });
  }

  function getSettledRow(): number {
    const [firstUnsettledRow = lastRow + 1] = unsettledRows;
    return firstUnsettledRow - 1;
  }
}
