import type { Item } from "./client/attribute-value.ts";
import type { DynamoClient } from "./client/dynamo-client.ts";
import { computeBackoffMs } from "./client/retry.ts";
import { getText } from "./items.ts";

/** The maximum number of keys in a BatchGetItem (AWS: "Service quotas in Amazon DynamoDB"). */
const MAX_BATCH_SIZE = 100;

/** The maximum number of concurrent calls. Reads that arrive beyond it wait, and share the next call. */
const MAX_CONCURRENT_CALLS = 4;

/** A read that has not completed. Several callers may wait for it. */
interface PendingRead {
  readonly signals: AbortSignal[];
  readonly promise: Promise<Item | undefined>;
  readonly resolve: (item: Item | undefined) => void;
  readonly reject: (error: unknown) => void;
  /** The number of calls that left the key unprocessed. */
  attempts: number;
}

/**
 * Receives the number of keys that a call reads, and the number of keys that it leaves unprocessed because DynamoDB
 * throttles them. It must not throw.
 */
export type OnRead = (keys: number, unprocessedKeys: number) => void;

type ReadItem = (key: string, signal: AbortSignal) => Promise<Item | undefined>;

/**
 * Creates a function that reads an item by its partition key, strongly consistently. Concurrent reads share a
 * BatchGetItem, which consumes the same capacity and a fraction of the CPU time; a lone read is a GetItem without delay.
 * A read joins a waiting read of the same key, but not one that is already sent, so it sees every earlier write.
 *
 * The promise of an aborted read may stay pending: each caller must stop waiting for it.
 */
export function createReadQueue(client: DynamoClient, tableName: string, onRead?: OnRead): ReadItem {
  const waiting = new Map<string, PendingRead>();
  let concurrentCalls = 0;
  let isScheduled = false;

  return (key, signal) => {
    const read = waiting.get(key) ?? { ...Promise.withResolvers<Item | undefined>(), signals: [], attempts: 0 };
    read.signals.push(signal);
    enqueue(key, read);
    return read.promise;
  };

  function enqueue(key: string, read: PendingRead): void {
    waiting.set(key, read);
    schedule();
  }

  function schedule(): void {
    if (isScheduled || concurrentCalls === MAX_CONCURRENT_CALLS || waiting.size === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      void send(takeBatch());
    });
  }

  /** Removes the next reads from the queue, and drops those that every caller has aborted. */
  function takeBatch(): Map<string, PendingRead> {
    const batch = new Map<string, PendingRead>();
    for (const [key, read] of waiting) {
      if (batch.size === MAX_BATCH_SIZE) break;
      waiting.delete(key);
      if (!read.signals.every(({ aborted }) => aborted)) batch.set(key, read);
    }
    return batch;
  }

  async function send(batch: Map<string, PendingRead>): Promise<void> {
    if (batch.size === 0) return;
    concurrentCalls += 1;
    schedule();
    try {
      const { items, unprocessedKeys } = await fetchItems([...batch.keys()]);
      onRead?.(batch.size, unprocessedKeys.size);
      for (const [key, read] of batch) {
        if (unprocessedKeys.has(key)) retryLater(key, read);
        else read.resolve(items.get(key));
      }
    } catch (error) {
      for (const { reject } of batch.values()) reject(error);
    } finally {
      concurrentCalls -= 1;
      schedule();
    }
  }

  /** Retries a throttled key on its own, so that it does not delay other keys. */
  function retryLater(key: string, read: PendingRead): void {
    setTimeout(() => {
      const newer = waiting.get(key);
      if (!newer) return enqueue(key, read);
      newer.signals.push(...read.signals);
      newer.promise.then(read.resolve, read.reject);
    }, computeBackoffMs(read.attempts));
    read.attempts += 1;
  }

  /** Calls DynamoDB without the signal of a caller, because callers share the call; the client limits its duration. */
  async function fetchItems(keys: string[]): Promise<{ items: Map<string, Item>; unprocessedKeys: Set<string> }> {
    if (keys.length === 1) {
      const Key = { user_id: { S: keys[0]! } };
      const { Item: item } = await client.getItem({ TableName: tableName, Key, ConsistentRead: true });
      return { items: new Map(item && [[keys[0]!, item]]), unprocessedKeys: new Set() };
    }
    const request = { Keys: keys.map((key) => ({ user_id: { S: key } })), ConsistentRead: true };
    const output = await client.batchGetItem({ RequestItems: { [tableName]: request } });
    const items = output.Responses?.[tableName] ?? [];
    const unprocessed = output.UnprocessedKeys?.[tableName]?.Keys ?? [];
    return {
      items: new Map(items.map((item) => [getText(item, "user_id")!, item])),
      unprocessedKeys: new Set(unprocessed.map((key) => getText(key, "user_id")!)),
    };
  }
}
