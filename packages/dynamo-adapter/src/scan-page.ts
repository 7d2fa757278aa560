import { DEFAULT_STATUS, type PageRequest, type Status } from "@user-management/domain";
import type { Item } from "./client/attribute-value.ts";
import type { DynamoClient } from "./client/dynamo-client.ts";
import { getText, isKey, USERS_ONLY } from "./items.ts";

/** The maximum number of items that one Scan reads, about 1 MB of users. */
const MAX_SCANNED_ITEMS = 4_000;

/** The maximum number of scans for a page of users with one status, so that a rare status does not exceed the deadline. */
const MAX_STATUS_SCANS = 10;

interface ScanPageOptions {
  readonly client: DynamoClient;
  readonly tableName: string;
  readonly request: PageRequest;
  readonly signal: AbortSignal;
}

/** Scans the table for a page of users, in the order of its partitions. */
export async function scanPage({
  client,
  tableName,
  request: { limit, after, status },
  signal,
}: ScanPageOptions): Promise<{ items: Item[]; next: string | undefined }> {
  const items: Item[] = [];
  let lastId: string | undefined;
  let start: Item | undefined = after !== undefined && isKey(after) ? { user_id: { S: after } } : undefined;
  for (let scans = 0; scans === 0 || (start && items.length <= limit); scans += 1) {
    if (status && scans >= MAX_STATUS_SCANS && lastId !== undefined) return { items, next: lastId };
    const scan = {
      ...USERS_ONLY,
      TableName: tableName,
      ConsistentRead: true,
      // A table has about two items per user, the user and its email claim, so twice as many items contain the page and
      // the user after it. If there are fewer users, as among expired idempotency records, every further scan reads
      // twice as many items.
      Limit: Math.min(2 * (limit + 1) * 2 ** scans, MAX_SCANNED_ITEMS),
      ExclusiveStartKey: start,
    };
    const { Items = [], LastEvaluatedKey } = await client.scan(scan, { signal });
    // Filtered here, so that a page can end after any user: the key of another item would reveal an email.
    items.push(...(status ? Items.filter((item) => hasStatus(item, status)) : Items));
    lastId = getText(Items.at(-1), "user_id") ?? lastId;
    start = LastEvaluatedKey;
  }
  const page = items.slice(0, limit);
  return { items: page, next: items.length > limit ? getText(page.at(-1), "user_id") : undefined };
}

function hasStatus(item: Item, status: Status): boolean {
  return (getText(item, "status") ?? DEFAULT_STATUS) === status;
}
