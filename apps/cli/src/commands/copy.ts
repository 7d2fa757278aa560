import type { User } from "@user-management/domain";
import type { Command } from "commander";
import { EXIT_CODES, notify, print } from "../output.ts";
import { startProgress } from "../progress.ts";
import { createCopyStateFile, type CopyCounts, type CopyStateFile } from "../transfer/copy-state.ts";
import { createCopyUser, type CopyResult } from "../transfer/copy-user.ts";
import { runInterruptibly } from "../transfer/interruption.ts";
import { useStores, type OpenedStore } from "../transfer/open-stores.ts";
import { PAGE_SIZE, processUsers } from "../transfer/process-users.ts";
import { createRateLimiter } from "../transfer/rate-limiter.ts";
import { createRetry } from "../transfer/retry.ts";

/** The number of users that are written concurrently. In SQLite they share commits. */
const CONCURRENCY = 200;

/** The time in which the users in progress complete after an interrupt: between a delete and an insert, for example. */
const COMPLETION_TIMEOUT_MS = 2_000;

interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly resume?: boolean;
}

/** Adds the command that copies the users of a store to another one. */
export function addCopyCommand(program: Command): void {
  program
    .command("copy")
    .description("copy users as they are stored, with their versions, from one store to another")
    .requiredOption("--from <store>", "sqlite:PATH or dynamodb:TABLE")
    .requiredOption("--to <store>", "sqlite:PATH, which is created if it does not exist, or dynamodb:TABLE")
    .option("--resume", "continue a copy that was interrupted")
    .addHelpText("after", "\nExample:\n  userctl copy --from sqlite:data/users.db --to dynamodb:UsersTable")
    .action(({ from, to, resume = false }: CopyOptions) => {
      const stores = [
        { text: from, argument: "--from" },
        { text: to, argument: "--to" },
      ] as const;
      return runInterruptibly(({ signal }) =>
        useStores(stores, true, (source, target) => copyUsers({ source, target, isResumed: resume, signal })),
      );
    });
}

interface CopyJob {
  readonly source: OpenedStore;
  readonly target: OpenedStore;
  readonly isResumed: boolean;
  readonly signal: AbortSignal;
}

/** Copies every user, prints each failure on standard error, and prints the summary. */
async function copyUsers({ source, target, isResumed, signal }: CopyJob): Promise<void> {
  const startedAt = performance.now();
  const stateFile = createCopyStateFile(source, target);
  const state = isResumed ? stateFile.read() : discardState(stateFile);
  if (isResumed && !state) notify("There is no interrupted copy to continue: it starts with the first user.");
  const counts: CopyCounts = state ? state.counts : { read: 0, created: 0, replaced: 0, unchanged: 0, failed: 0 };
  let after = state?.after;

  const limiter = target.settings.kind === "dynamodb" ? createRateLimiter({ maxWriteUnits: undefined }) : undefined;
  const completion = abortLater(signal);
  const retry = createRetry(completion, limiter?.slowDown);
  const copyUser = createCopyUser({
    source: source.users,
    target: target.users,
    targetKind: target.settings.kind,
    retry,
    beforeWrite: limiter && (() => limiter.acquire(0, completion)),
  });
  const progress = startProgress(undefined);
  try {
    await processUsers({
      listPage: (id) => retry((context) => source.users.list({ limit: PAGE_SIZE, after: id }, context)),
      after,
      concurrency: CONCURRENCY,
      signal,
      async process(user) {
        const result = await copyUser(user);
        reportFailure(user, result);
        return result;
      },
      onPageSettled(results, next) {
        addResults(counts, results);
        progress.update(counts.read);
        if (next !== undefined) stateFile.save({ after: (after = next), counts });
      },
    });
    stateFile.remove();
    if (counts.failed > 0) process.exitCode = EXIT_CODES.incomplete;
  } catch (error) {
    if (after !== undefined) stateFile.save({ after, counts }, true);
    if (!signal.aborted) throw error;
    notify("interrupted; run the command again with --resume to continue");
  } finally {
    progress.stop();
  }
  print(JSON.stringify({ ...counts, seconds: Math.round(performance.now() - startedAt) / 1_000 }));
}

/** Removes the state of an earlier copy, so that a later `--resume` does not continue that one. */
function discardState(stateFile: CopyStateFile): undefined {
  stateFile.remove();
}

/** Returns a signal that aborts some time after another one. */
function abortLater(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = () => setTimeout(() => controller.abort(signal.reason), COMPLETION_TIMEOUT_MS).unref();
  signal.addEventListener("abort", abort, { once: true });
  return controller.signal;
}

function reportFailure({ user_id }: User, result: CopyResult): void {
  if (result.outcome !== "failed") return;
  notify(JSON.stringify({ id: user_id, code: result.code, detail: result.detail }));
}

function addResults(counts: CopyCounts, results: readonly CopyResult[]): void {
  counts.read += results.length;
  for (const { outcome } of results) counts[outcome] += 1;
}
