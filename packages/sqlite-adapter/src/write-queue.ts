import type { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers";
import { UserError } from "@user-management/domain";
import { isBusy, toUserError } from "./sqlite-error.ts";

/** The state of a write queue at this moment. */
export interface WriteQueueState {
  /** Returns the number of writes that wait. */
  readonly getLength: () => number;
  /** Returns the time for which the oldest write waits, in milliseconds; 0 if none waits. */
  readonly getOldestAgeMs: () => number;
}

/** Receives measurements of write queues. Its functions must not throw. */
export interface WriteQueueObserver {
  /** Called once for each queue. The state is read on demand, so that it costs a write nothing. */
  readonly onCreate: (state: WriteQueueState) => void;
  /** Called after each commit, with the number of writes in it and the duration of the commit itself. */
  readonly onCommit: (batchSize: number, durationMs: number) => void;
}

interface Write {
  /** A `performance.now()`; 0 without an observer. */
  readonly enqueuedAt: number;
  readonly signal: AbortSignal;
  readonly run: () => unknown;
  readonly resolve: (result: any) => void;
  readonly reject: (error: unknown) => void;
}

/** Runs a write in a transaction and resolves with its result once the transaction is durable. */
export type EnqueueWrite = <Result>(signal: AbortSignal, run: () => Result) => Promise<Result>;

/** The maximum number of writes in a transaction. It bounds the time for which a transaction delays reads. */
const MAX_BATCH_SIZE = 500;

/** The time after which another process's lock rejects all queued writes, measured from the first failed attempt. */
const LOCK_TIMEOUT_MS = 3_000;

/**
 * Creates a queue that commits concurrent writes together: the writes of a turn of the event loop, and of the next one,
 * share a transaction and therefore one sync of the disk. A lone write is delayed by a turn, which takes some 10 µs.
 *
 * A transaction begins and ends in one turn of the event loop, so the queues of several repositories may share a database.
 *
 * Writes run one by one, in order. A write that throws a {@link UserError} must not have changed anything; it alone is
 * rejected. Any other error rolls back the transaction and rejects all of its writes, because its state is unknown.
 */
export function createWriteQueue(database: DatabaseSync, observer?: WriteQueueObserver): EnqueueWrite {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  let queue: Write[] = [];
  let blockedSince: number | undefined;

  observer?.onCreate({
    getLength: () => queue.length,
    getOldestAgeMs: () => (queue[0] ? performance.now() - queue[0].enqueuedAt : 0),
  });

  return (signal, run) =>
    new Promise((resolve, reject) => {
      queue.push({ enqueuedAt: observer ? performance.now() : 0, signal, run, resolve, reject });
      // The next turn adds the writes of requests that have arrived since this one began.
      if (queue.length === 1) setImmediate(() => setImmediate(flush));
    });

  function flush(): void {
    rejectAborted();
    if (queue.length === 0) {
      blockedSince = undefined;
      return;
    }
    try {
      begin.run();
      blockedSince = undefined;
    } catch (error) {
      retryLater(error);
      return;
    }
    const writes = queue.splice(0, MAX_BATCH_SIZE);
    try {
      const settleWrites = writes.map(runWrite);
      commitWrites(writes.length);
      for (const settle of settleWrites) settle();
    } catch (error) {
      rejectAll(writes, error);
      if (database.isTransaction) database.exec("ROLLBACK");
    }
    if (queue.length > 0) setImmediate(flush);
  }

  function commitWrites(batchSize: number): void {
    const startedAt = observer ? performance.now() : 0;
    commit.run();
    observer?.onCommit(batchSize, performance.now() - startedAt);
  }

  /** Polls for the lock with jitter; rejects all writes after the timeout or for any other error. */
  function retryLater(error: unknown): void {
    blockedSince ??= performance.now();
    if (isBusy(error) && performance.now() - blockedSince < LOCK_TIMEOUT_MS) {
      setTimeout(flush, 5 + Math.random() * 20);
    } else {
      blockedSince = undefined;
      rejectAll(queue.splice(0), error);
    }
  }

  function rejectAborted(): void {
    if (!queue.some(({ signal }) => signal.aborted)) return;
    for (const { signal, reject } of queue) {
      if (signal.aborted) reject(new UserError("unavailable", { cause: signal.reason }));
    }
    queue = queue.filter(({ signal }) => !signal.aborted);
  }
}

/** Runs a write and returns the function that settles its promise after the commit. */
function runWrite({ run, resolve, reject }: Write): () => void {
  try {
    const result = run();
    return () => resolve(result);
  } catch (error) {
    if (error instanceof UserError) return () => reject(error);
    throw error;
  }
}

function rejectAll(writes: readonly Write[], error: unknown): void {
  for (const { reject } of writes) reject(toUserError(error));
}
