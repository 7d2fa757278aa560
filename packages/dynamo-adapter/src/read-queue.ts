import { BatchGetCommand, GetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { UserError } from "@user-management/domain";
import { backoff, BUDGET, inTime } from "./in-time.ts";
import type { Item } from "./items.ts";

/** The most keys of one BatchGetItem (AWS: "Service quotas in Amazon DynamoDB"). */
const BATCH = 100;

/** How many calls are under way at once; what is asked for meanwhile waits for one of them, and goes out together. */
const CALLS = 4;

interface Read {
  /** When whoever asked last has given up, in milliseconds on this process's clock. */
  deadline: number;
  readonly promise: Promise<Item | undefined>;
  readonly resolve: (item: Item | undefined) => void;
  readonly reject: (error: unknown) => void;
  /** How often DynamoDB has left it unprocessed. */
  passedOver: number;
}

type Reads = Map<string, Read>;

/**
 * Reads items by key, strongly consistent. Reads that arrive together go out together, as one BatchGetItem, which
 * costs the same capacity and a fraction of the CPU time; a lone read is a GetItem and waits for nobody. A read joins
 * another of the same key only while that has not been sent, so that it sees every write before it.
 */
export function createReadQueue(
  client: DynamoDBDocumentClient,
  tableName: string,
): (key: string) => Promise<Item | undefined> {
  const waiting: Reads = new Map();
  let calls = 0;
  let scheduled = false;

  return (key) => {
    const read = waiting.get(key) ?? { ...Promise.withResolvers<Item | undefined>(), deadline: 0, passedOver: 0 };
    read.deadline = performance.now() + BUDGET;
    enqueue(key, read);
    return read.promise;
  };

  function enqueue(key: string, read: Read): void {
    waiting.set(key, read);
    schedule();
  }

  function schedule(): void {
    if (scheduled || calls === CALLS || waiting.size === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      void send(take());
    });
  }

  /** The next reads to send, without those that nobody waits for any more. */
  function take(): Reads {
    const reads: Reads = new Map();
    for (const [key, read] of waiting) {
      if (reads.size === BATCH) break;
      waiting.delete(key);
      if (read.deadline > performance.now()) reads.set(key, read);
      else read.reject(new UserError("unavailable"));
    }
    return reads;
  }

  async function send(reads: Reads): Promise<void> {
    if (reads.size === 0) return;
    calls += 1;
    schedule();
    try {
      const keys = [...reads.keys()];
      const { items, unprocessed } = await inTime((signal) => ask(keys, signal));
      for (const [key, read] of reads) {
        if (unprocessed.has(key)) againLater(key, read);
        else read.resolve(items.get(key));
      }
    } catch (error) {
      for (const { reject } of reads.values()) reject(error);
    } finally {
      calls -= 1;
      schedule();
    }
  }

  /** A key that is throttled holds up no other. */
  function againLater(key: string, read: Read): void {
    setTimeout(() => {
      const other = waiting.get(key);
      if (other) other.promise.then(read.resolve, read.reject);
      else enqueue(key, read);
    }, backoff(read.passedOver));
    read.passedOver += 1;
  }

  async function ask(
    keys: string[],
    abortSignal: AbortSignal,
  ): Promise<{ items: Map<string, Item>; unprocessed: Set<string> }> {
    if (keys.length === 1) {
      const command = new GetCommand({ TableName: tableName, Key: { user_id: keys[0] }, ConsistentRead: true });
      const { Item: item } = await client.send(command, { abortSignal });
      return { items: new Map(item && [[keys[0]!, item]]), unprocessed: new Set() };
    }
    const request = { Keys: keys.map((user_id) => ({ user_id })), ConsistentRead: true };
    const answer = await client.send(new BatchGetCommand({ RequestItems: { [tableName]: request } }), { abortSignal });
    const items = answer.Responses?.[tableName] ?? [];
    const unprocessed = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    return {
      items: new Map(items.map((item) => [String(item["user_id"]), item])),
      unprocessed: new Set(unprocessed.map((key) => String(key["user_id"]))),
    };
  }
}
