import type { Item } from "./client/attribute-value.ts";
import type { DynamoClient } from "./client/dynamo-client.ts";
import { toDynamoClient, type SdkClient } from "./client/sdk-client.ts";
import { getText, toClaimKey, USERS_ONLY } from "./items.ts";
import { runOperation } from "./operation.ts";
import { createReadQueue } from "./read-queue.ts";
import { transact } from "./transaction.ts";
import { createWrites } from "./writes.ts";

/** The number of users that are processed concurrently. */
const CONCURRENCY = 10;

/** The timeout of reading a page, of reading a claim, and of writing one. */
const STEP_TIMEOUT_MS = 4_500;

export interface ClaimProgress {
  /** The number of users read so far. */
  readonly users: number;
  /** The number of emails claimed by this run. */
  readonly claimed: number;
  /** The number of users without an email that can be claimed. */
  readonly withoutEmail: number;
  /** The users whose email another user has claimed, with the id of that user. They are left unchanged. */
  readonly duplicates: readonly { readonly user_id: string; readonly owner_id: string }[];
}

export interface ClaimEmailsOptions {
  readonly client: DynamoClient | SdkClient;
  readonly tableName: string;
}

/**
 * Scans the table once and claims the email of every legacy user. The service may run concurrently. Yields its progress
 * after every page of at most 1 MB; the iteration may stop at any page and be repeated at any time.
 *
 * @throws UserError `unavailable`
 */
export async function* claimEmails({ tableName, ...options }: ClaimEmailsOptions): AsyncGenerator<ClaimProgress> {
  const client = toDynamoClient(options.client);
  const readItem = createReadQueue(client, tableName);
  const writes = createWrites(tableName);
  const duplicates: { user_id: string; owner_id: string }[] = [];
  let [users, claimed, withoutEmail] = [0, 0, 0];
  let start: Item | undefined;
  do {
    const scan = { ...USERS_ONLY, TableName: tableName, ExclusiveStartKey: start };
    const page = await runStep((signal) => client.scan(scan, { signal }));
    const items = page.Items ?? [];
    for (let index = 0; index < items.length; index += CONCURRENCY) {
      await Promise.all(items.slice(index, index + CONCURRENCY).map(processUser));
    }
    start = page.LastEvaluatedKey;
    yield { users, claimed, withoutEmail, duplicates };
  } while (start);

  async function processUser(user: Item): Promise<void> {
    users += 1;
    const user_id = getText(user, "user_id")!;
    const key = toClaimKey("email", getText(user, "email"));
    if (key === undefined) {
      withoutEmail += 1;
      return;
    }
    const claim = await runStep((signal) => readItem(key, signal));
    if (getText(claim, "owner_id") === user_id) return;
    // The check fails if the user has been deleted, or has another email, which the update of the user has claimed.
    const [changedUser, conflict] = await runStep((signal) =>
      transact(client, [writes.checkEmail(user), writes.claim(key, user_id)], signal),
    );
    if (changedUser) return;
    if (conflict) duplicates.push({ user_id, owner_id: String(getText(conflict.item, "owner_id")) });
    else claimed += 1;
  }
}

function runStep<Result>(step: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const signal = AbortSignal.timeout(STEP_TIMEOUT_MS);
  return runOperation({ table: "users", signal }, () => step(signal));
}
