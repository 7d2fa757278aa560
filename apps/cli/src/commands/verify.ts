import type { User } from "@user-management/domain";
import type { Command } from "commander";
import { EXIT_CODES, notify, print } from "../output.ts";
import { startProgress } from "../progress.ts";
import { findDifferingMembers } from "../transfer/compare-users.ts";
import { runInterruptibly } from "../transfer/interruption.ts";
import { useStores, type OpenedStore } from "../transfer/open-stores.ts";
import { PAGE_SIZE, processUsers } from "../transfer/process-users.ts";
import { createRetry, type Retry } from "../transfer/retry.ts";

/** The number of users that are read concurrently. In DynamoDB they share calls of 100 keys. */
const CONCURRENCY = 400;

type Difference =
  | { readonly kind: "missing-in-first" | "missing-in-second" }
  | { readonly kind: "different"; readonly members: readonly string[] };

/** Adds the command that compares the users of two stores. */
export function addVerifyCommand(program: Command): void {
  program
    .command("verify")
    .description("compare two stores, and print the id of every user that is missing in one of them or differs")
    .argument("<first>", "sqlite:PATH or dynamodb:TABLE")
    .argument("<second>", "sqlite:PATH or dynamodb:TABLE")
    .addHelpText("after", "\nExample:\n  userctl verify sqlite:data/users.db dynamodb:UsersTable")
    .action((first: string, second: string) => {
      const stores = [
        { text: first, argument: "the first store" },
        { text: second, argument: "the second store" },
      ] as const;
      return runInterruptibly(({ signal }) => useStores(stores, false, (...opened) => verifyStores(...opened, signal)));
    });
}

/** Compares each user of the first store, and then looks in the second one for users that the first one lacks. */
async function verifyStores(first: OpenedStore, second: OpenedStore, signal: AbortSignal): Promise<void> {
  const retry = createRetry(signal);
  const counts = { first: 0, second: 0, differences: 0 };
  const progress = startProgress(undefined);

  /** Reads both users once more before it reports a difference, because one may have changed between the two reads. */
  const report = async (id: string, kinds: readonly Difference["kind"][]): Promise<void> => {
    const users = await Promise.all([getUser(retry, first, id), getUser(retry, second, id)]);
    const difference = compareUsers(...users);
    if (!difference || !kinds.includes(difference.kind)) return;
    counts.differences += 1;
    print(JSON.stringify({ id, ...difference }));
  };
  try {
    await processUsers({
      listPage: (after) => retry((context) => first.users.list({ limit: PAGE_SIZE, after }, context)),
      concurrency: CONCURRENCY,
      signal,
      async process(user) {
        const other = await getUser(retry, second, user.user_id);
        if (compareUsers(user, other)) await report(user.user_id, ["missing-in-second", "different"]);
      },
      onPageSettled: ({ length }) => progress.update((counts.first += length)),
    });
    await processUsers({
      listPage: (after) => retry((context) => second.users.list({ limit: PAGE_SIZE, after }, context)),
      concurrency: CONCURRENCY,
      signal,
      async process({ user_id }) {
        if (!(await getUser(retry, first, user_id))) await report(user_id, ["missing-in-first"]);
      },
      onPageSettled: ({ length }) => progress.update(counts.first + (counts.second += length)),
    });
    notify(`${counts.first} and ${counts.second} users compared: ${counts.differences} differences`);
    if (counts.differences > 0) process.exitCode = EXIT_CODES.incomplete;
  } catch (error) {
    if (!signal.aborted) throw error;
    notify("interrupted; the comparison is incomplete");
  } finally {
    progress.stop();
  }
}

function getUser(retry: Retry, { users }: OpenedStore, id: string): Promise<User | undefined> {
  return retry((context) => users.get(id, context));
}

function compareUsers(first: User | undefined, second: User | undefined): Difference | undefined {
  if (!first || !second) {
    if (!first && !second) return undefined;
    return { kind: first ? "missing-in-second" : "missing-in-first" };
  }
  const members = findDifferingMembers(first, second);
  return members.length === 0 ? undefined : { kind: "different", members };
}
