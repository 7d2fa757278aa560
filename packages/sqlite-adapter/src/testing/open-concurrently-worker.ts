import { workerData } from "node:worker_threads";
import { openUsersDatabase } from "../index.ts";

/** The data of a worker thread. `arrivals` has, for each path, the number of threads that are ready to open theirs. */
export interface WorkerData {
  readonly paths: readonly string[];
  readonly threads: number;
  readonly arrivals: Int32Array<SharedArrayBuffer>;
}

const { paths, threads, arrivals } = workerData as WorkerData;

for (const [round, path] of paths.entries()) {
  Atomics.add(arrivals, round, 1);
  // Busy waiting, so that all threads continue within a microsecond.
  while (Atomics.load(arrivals, round) < threads);
  openUsersDatabase(path).close();
}
