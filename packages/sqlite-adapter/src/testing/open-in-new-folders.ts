import { join } from "node:path";
import { workerData } from "node:worker_threads";
import { openUsersDatabase } from "../index.ts";

/** The data of the worker thread. `arrivals` has, for each round, the number of threads that are ready for it. */
export interface OpenInNewFoldersData {
  readonly folder: string;
  readonly file: string;
  readonly threads: number;
  readonly arrivals: Int32Array<SharedArrayBuffer>;
}

const { folder, file, threads, arrivals } = workerData as OpenInNewFoldersData;

for (let round = 0; round < arrivals.length; round += 1) {
  Atomics.add(arrivals, round, 1);
  // Busy waiting, so that all threads continue within a microsecond.
  while (Atomics.load(arrivals, round) < threads);
  openUsersDatabase(join(folder, `${round}`, "some", "where", file)).close();
}
