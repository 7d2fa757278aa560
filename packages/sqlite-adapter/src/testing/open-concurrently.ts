import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { onTestFinished } from "vitest";
import type { WorkerData } from "./open-concurrently-worker.ts";

/**
 * Opens and closes databases in two threads. In each round both threads open a path within a microsecond.
 *
 * @throws the first error of a thread
 */
export async function openConcurrently(rounds: readonly (readonly [path: string, otherPath: string])[]): Promise<void> {
  const arrivals = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * rounds.length));
  const workers = [0, 1].map((thread) => {
    const workerData: WorkerData = { paths: rounds.map((paths) => paths[thread]!), threads: 2, arrivals };
    return new Worker(new URL("open-concurrently-worker.ts", import.meta.url), { workerData });
  });
  onTestFinished(async () => void (await Promise.all(workers.map((worker) => worker.terminate()))));
  // `once` rejects if the worker throws.
  await Promise.all(workers.map((worker) => once(worker, "exit")));
}
