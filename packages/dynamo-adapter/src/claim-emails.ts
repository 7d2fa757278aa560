import { ScanCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { inTime } from "./in-time.ts";
import { claimKey, usersOnly, type Item } from "./items.ts";
import { createReadQueue } from "./read-queue.ts";
import { transact } from "./transaction.ts";
import { createWrites } from "./writes.ts";

/** How many claims are made at once. */
const AT_ONCE = 10;

export interface ClaimProgress {
  /** Users seen so far. */
  readonly users: number;
  /** Addresses claimed by this run. */
  readonly claimed: number;
  /** Users who have no address that could be claimed. */
  readonly without: number;
  /** Users whose address another user has claimed, and that user. Nothing was changed for them. */
  readonly duplicates: readonly { readonly user_id: string; readonly owner_id: string }[];
}

export interface ClaimEmailsOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/**
 * Walks the whole table once and claims the address of every user who has none claimed, which the original service
 * never did; the service may run meanwhile. Yields how far it is after every page of up to 1 MB. Whoever stops asking
 * ends it; it can be run again at any time, and what is claimed stays so.
 *
 * @throws UserError `unavailable`
 */
export async function* claimEmails({ client, tableName }: ClaimEmailsOptions): AsyncGenerator<ClaimProgress> {
  const read = createReadQueue(client, tableName);
  const writes = createWrites(tableName);
  const duplicates: { user_id: string; owner_id: string }[] = [];
  let [users, claimed, without] = [0, 0, 0];
  let start: Item | undefined;
  do {
    const scan = new ScanCommand({ ...usersOnly, TableName: tableName, ExclusiveStartKey: start });
    const page = await inTime((abortSignal) => client.send(scan, { abortSignal }));
    const items = page.Items ?? [];
    for (let n = 0; n < items.length; n += AT_ONCE) await Promise.all(items.slice(n, n + AT_ONCE).map(claim));
    start = page.LastEvaluatedKey;
    yield { users, claimed, without, duplicates };
  } while (start);

  async function claim(user: Item): Promise<void> {
    users += 1;
    const user_id = String(user["user_id"]);
    const key = claimKey(user["email"]);
    if (key === undefined) {
      without += 1;
      return;
    }
    const known = await read(key);
    if (known?.["owner_id"] === user_id) return;
    const owner = await claimFor(user, user_id, key);
    if (owner) duplicates.push({ user_id, owner_id: String(owner["owner_id"]) });
  }

  /** Claims the address if the user still has it: one who has changed it meanwhile has claimed another. */
  async function claimFor(user: Item, user_id: string, key: string): Promise<Item | undefined> {
    const [changed, taken] = await inTime((signal) =>
      transact(client, [writes.checkEmail(user), writes.claim(key, user_id)], signal),
    );
    if (!changed && !taken) claimed += 1;
    return changed ? undefined : taken?.item;
  }
}
