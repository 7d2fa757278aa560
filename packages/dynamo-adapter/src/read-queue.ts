import { setTimeout as elapsed } from "node:timers/promises";
import { BatchGetCommand, GetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { backoff, inTime } from "./in-time.ts";
import type { Item } from "./items.ts";

/** The most keys of one BatchGetItem (AWS: "Service quotas in Amazon DynamoDB"). */
const BATCH = 100;

/** How many calls are under way at once; what is asked for meanwhile waits for one of them, and goes out together. */
const CALLS = 4;

interface Read {
  readonly promise: Promise<Item | undefined>;
  readonly resolve: (item: Item | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads items by key, strongly consistent. Reads that arrive together go out together, as one BatchGetItem, which
 * costs the same capacity and a fraction of the CPU time; a lone read is a GetItem and waits for nobody.
 */
export function createReadQueue(
  client: DynamoDBDocumentClient,
  tableName: string,
): (key: string) => Promise<Item | undefined> {
  let waiting = new Map<string, Read>();
  let calls = 0;
  let scheduled = false;

  return (key) => {
    const read = waiting.get(key) ?? Promise.withResolvers<Item | undefined>();
    waiting.set(key, read);
    schedule();
    return read.promise;
  };

  function schedule(): void {
    if (scheduled || calls === CALLS || waiting.size === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      void send();
    });
  }

  async function send(): Promise<void> {
    const reads = new Map([...waiting].slice(0, BATCH));
    waiting = new Map([...waiting].slice(BATCH));
    calls += 1;
    schedule();
    try {
      const keys = [...reads.keys()];
      const items = await inTime((signal) => (keys.length === 1 ? getOne(keys[0]!, signal) : getMany(keys, signal)));
      for (const [key, { resolve }] of reads) resolve(items.get(key));
    } catch (error) {
      for (const { reject } of reads.values()) reject(error);
    } finally {
      calls -= 1;
      schedule();
    }
  }

  async function getOne(key: string, abortSignal: AbortSignal): Promise<Map<string, Item>> {
    const command = new GetCommand({ TableName: tableName, Key: { user_id: key }, ConsistentRead: true });
    const { Item: item } = await client.send(command, { abortSignal });
    return new Map(item && [[key, item]]);
  }

  async function getMany(keys: string[], abortSignal: AbortSignal): Promise<Map<string, Item>> {
    const items = new Map<string, Item>();
    let request = { [tableName]: { Keys: keys.map((user_id): Item => ({ user_id })), ConsistentRead: true } };
    for (let attempt = 0; ; attempt += 1) {
      const answer = await client.send(new BatchGetCommand({ RequestItems: request }), { abortSignal });
      for (const item of answer.Responses?.[tableName] ?? []) items.set(String(item["user_id"]), item);
      const unprocessed = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
      if (unprocessed.length === 0) return items;
      request = { [tableName]: { Keys: unprocessed, ConsistentRead: true } };
      await elapsed(backoff(attempt), undefined, { signal: abortSignal });
    }
  }
}
