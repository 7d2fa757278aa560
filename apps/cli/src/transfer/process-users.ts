import { setImmediate as nextTurn } from "node:timers/promises";
import type { Page, User } from "@user-management/domain";

/** The number of users in a page. */
export const PAGE_SIZE = 500;

/** The maximum number of pages that are not settled. It bounds the memory while one user waits for a retry. */
const MAX_UNSETTLED_PAGES = 4;

export interface ProcessUsersOptions<Result> {
  readonly listPage: (after: string | undefined) => Promise<Page>;
  /** The id after which the first page starts. */
  readonly after?: string | undefined;
  /** The maximum number of users that are processed concurrently. */
  readonly concurrency: number;
  /** Ends the reading of users once it aborts. Those in progress complete. */
  readonly signal: AbortSignal;
  readonly process: (user: User) => Promise<Result>;
  /** Is called for each page, in their order, once every user of it and of all pages before it is processed. */
  readonly onPageSettled: (results: readonly Result[], next: string | undefined) => void;
}

/**
 * Processes every user of a store concurrently, in constant memory. A page begins before the previous ones are settled.
 *
 * @throws the first error of a user, or the reason of the signal, once all users in progress are settled
 */
export async function processUsers<Result>(options: ProcessUsersOptions<Result>): Promise<void> {
  const { listPage, concurrency, signal, process, onPageSettled } = options;
  const slots = createSlots(concurrency);
  const unsettledPages: Promise<void>[] = [];
  let after = options.after;
  let failure: { readonly error: unknown } | undefined;
  let isLastPage = false;

  while (!isLastPage && !isStopped()) {
    // SQLite reads synchronously, so that without a turn of the event loop no interrupt arrives.
    await nextTurn();
    const page = await listPage(after).catch(fail);
    if (!page) break;
    const tasks: Promise<Result | void>[] = [];
    for (const user of page.users) {
      await slots.acquire();
      if (isStopped()) break;
      tasks.push(process(user).catch(fail).finally(slots.release));
    }
    if (isStopped() && tasks.length < page.users.length) {
      await Promise.all(tasks);
      break;
    }
    const previousPage = unsettledPages.at(-1);
    unsettledPages.push(settlePage(tasks, page.next, previousPage));
    if (unsettledPages.length >= MAX_UNSETTLED_PAGES) await unsettledPages.shift();
    after = page.next;
    isLastPage = after === undefined;
  }
  await Promise.all(unsettledPages);
  if (failure) throw failure.error;
  if (!isLastPage) signal.throwIfAborted();

  async function settlePage(
    tasks: readonly Promise<Result | void>[],
    next: string | undefined,
    previousPage: Promise<void> | undefined,
  ): Promise<void> {
    const results = await Promise.all(tasks);
    await previousPage;
    if (!failure) onPageSettled(results as Result[], next);
  }

  function isStopped(): boolean {
    return failure !== undefined || signal.aborted;
  }

  function fail(error: unknown): void {
    failure ??= { error };
  }
}

/** Creates a semaphore. */
function createSlots(count: number): { acquire: () => Promise<void>; release: () => void } {
  const waiting: (() => void)[] = [];
  let free = count;
  return {
    async acquire() {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    release() {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    },
  };
}
