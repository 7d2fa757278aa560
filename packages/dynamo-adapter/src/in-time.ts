import { setTimeout as elapsed } from "node:timers/promises";
import { UserError } from "@user-management/domain";
import { isConflict, translated } from "./dynamo-failure.ts";

/** What an operation of the repository may take, with all that it retries, in milliseconds: the port promises 5 seconds. */
export const BUDGET = 4_500;

/**
 * Runs an operation within its time. One that meets nothing but conflicts with others starts again after a while that
 * grows and is never the same, as long as there is time. The signal tells it that time is up.
 *
 * @throws UserError `unavailable`
 */
export async function inTime<Result>(operation: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(new UserError("unavailable", { message: `The users table does not answer within ${BUDGET} ms.` }));
    }, BUDGET);
  });
  try {
    return await Promise.race([persistently(operation, controller.signal), timeIsUp]);
  } catch (error) {
    throw translated(error);
  } finally {
    clearTimeout(timer);
  }
}

async function persistently<Result>(
  operation: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await operation(signal);
    } catch (error) {
      if (!isConflict(error)) throw error;
      await elapsed(backoff(attempt), undefined, { signal });
    }
  }
}

/** A wait before the attempt after this one, in milliseconds: exponential, with full jitter. */
export function backoff(attempt: number): number {
  return Math.random() * Math.min(25 * 2 ** attempt, 500);
}
