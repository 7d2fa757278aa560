import type { DatabaseSync } from "node:sqlite";
import { setTimeout as after } from "node:timers";
import { UserError } from "@user-management/domain";
import { isBusy, translated } from "./sqlite-failure.ts";

interface Write {
  readonly run: () => unknown;
  readonly resolve: (result: any) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes in one transaction at most, so that reads get their turn. */
const BATCH = 500;

/** How long writes wait for another process's lock before they are given up, in milliseconds. */
const PATIENCE = 3_000;

/**
 * Commits together what arrives together: writes that are asked for in one turn of the event loop share one
 * transaction and so one sync of the disk. A lone write waits for nothing but the end of that turn.
 *
 * Each write runs by itself, in order. One that throws a {@link UserError} must not have changed anything: it is
 * refused alone. Any other failure undoes and refuses the whole transaction, since nobody knows what is in it.
 */
export function createWriteQueue(database: DatabaseSync): <Result>(run: () => Result) => Promise<Result> {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const queue: Write[] = [];
  let blockedSince: number | undefined;

  return (run) =>
    new Promise((resolve, reject) => {
      queue.push({ run, resolve, reject });
      if (queue.length === 1) setImmediate(flush);
    });

  function flush(): void {
    try {
      begin.run();
      blockedSince = undefined;
    } catch (error) {
      blockedSince ??= performance.now();
      if (isBusy(error) && performance.now() - blockedSince < PATIENCE) {
        after(flush, 5 + Math.random() * 20);
      } else {
        blockedSince = undefined;
        refuse(queue.splice(0), error);
      }
      return;
    }
    const writes = queue.splice(0, BATCH);
    try {
      const settle = writes.map(attempt);
      commit.run();
      for (const answer of settle) answer();
    } catch (error) {
      refuse(writes, error);
      if (database.isTransaction) database.exec("ROLLBACK");
    }
    if (queue.length > 0) setImmediate(flush);
  }
}

/** Runs the write now; what is returned tells the caller, once the transaction is on disk. */
function attempt({ run, resolve, reject }: Write): () => void {
  try {
    const result = run();
    return () => resolve(result);
  } catch (error) {
    if (error instanceof UserError) return () => reject(error);
    throw error;
  }
}

function refuse(writes: Write[], error: unknown): void {
  for (const write of writes) write.reject(translated(error));
}
