import { Counter, Gauge, Histogram, type Registry } from "@prometheus-io/client";
import type { CallRecord } from "@user-management/dynamo-adapter";
import type { WriteQueueState } from "@user-management/sqlite-adapter";
import type { StoreObserver } from "../store.ts";

const COMMIT_BUCKETS_S = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Up to the largest transaction of the queue of writes. */
const WRITE_BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** A call may take as long as a request. */
const CALL_BUCKETS_S = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Up to the largest `BatchGetItem`. */
const READ_BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100];

/** Creates the metrics of the queues of writes that the repositories on a SQLite file have. */
export function createSqliteMetrics(registry: Registry): Pick<StoreObserver, "sqlite"> {
  const registers = [registry];
  const queues: WriteQueueState[] = [];
  registry.registerMetric(
    new Gauge({
      name: "users_sqlite_write_queue_length",
      help: "The number of writes that wait for a transaction.",
      registers: [],
      collect() {
        this.set(queues.reduce((sum, { getLength }) => sum + getLength(), 0));
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "users_sqlite_write_queue_oldest_age_seconds",
      help: "The time for which the oldest write waits for a transaction; 0 if none waits.",
      registers: [],
      collect() {
        this.set(Math.max(0, ...queues.map(({ getOldestAgeMs }) => getOldestAgeMs())) / 1_000);
      },
    }),
  );
  const batchSizes = new Histogram({
    name: "users_sqlite_write_batch_size",
    help: "The number of writes in a committed transaction.",
    buckets: WRITE_BATCH_BUCKETS,
    registers,
  });
  const commits = new Histogram({
    name: "users_sqlite_commit_duration_seconds",
    help: "The duration of a commit, which syncs the disk and blocks the event loop.",
    buckets: COMMIT_BUCKETS_S,
    registers,
  });
  return {
    sqlite: {
      onCreate: (state) => void queues.push(state),
      onCommit(batchSize, durationMs) {
        batchSizes.observe(batchSize);
        commits.observe(durationMs / 1_000);
      },
    },
  };
}

/** Creates the metrics of the calls of DynamoDB. Conflicts are one of the outcomes. */
export function createDynamoMetrics(registry: Registry): Pick<StoreObserver, "dynamo"> {
  const registers = [registry];
  const durations = new Histogram({
    name: "users_dynamodb_call_duration_seconds",
    help: "The duration of a call with its retries, by operation and outcome.",
    labelNames: ["operation", "outcome"],
    buckets: CALL_BUCKETS_S,
    registers,
  });
  const attempts = new Counter({
    name: "users_dynamodb_attempts_total",
    help: "The number of attempts, by operation. Those beyond the number of calls are retries.",
    labelNames: ["operation"],
    registers,
  });
  const throttles = new Counter({
    name: "users_dynamodb_throttles_total",
    help: "The number of attempts, and of keys in a BatchGetItem, that DynamoDB throttled, by operation.",
    labelNames: ["operation"],
    registers,
  });
  const batchSizes = new Histogram({
    name: "users_dynamodb_read_batch_size",
    help: "The number of keys in a read: concurrent reads share a call.",
    buckets: READ_BATCH_BUCKETS,
    registers,
  });
  return {
    dynamo: {
      onCall({ operation, outcome, durationMs, ...counts }: CallRecord) {
        durations.observe({ operation, outcome }, durationMs / 1_000);
        attempts.inc({ operation }, counts.attempts);
        throttles.inc({ operation }, counts.throttles);
      },
      onRead(keys, unprocessedKeys) {
        batchSizes.observe(keys);
        if (unprocessedKeys > 0) throttles.inc({ operation: "BatchGetItem" }, unprocessedKeys);
      },
    },
  };
}
