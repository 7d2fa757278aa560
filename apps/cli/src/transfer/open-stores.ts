import { existsSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { ANONYMOUS_CALLER } from "@user-management/domain";
import { SettingsError } from "@user-management/node-platform";
import { readStoreSettings, type StoreSettings } from "../settings.ts";
import { openStore, type Store } from "../store.ts";

/** An id that no user has. A read of it shows whether the store can be read. */
const UNKNOWN_ID = "00000000-0000-0000-0000-000000000000";

const PROBE_TIMEOUT_MS = 10_000;

/** A store that has been read once. */
export interface OpenedStore {
  readonly settings: StoreSettings;
  readonly users: Store["users"];
  /** The store as an option, with the absolute path of a SQLite file without links. */
  readonly name: string;
}

/** A store on the command line, and the argument that contains it, for messages. */
export interface StoreArgument {
  readonly text: string;
  readonly argument: string;
}

/**
 * Opens two stores, passes them to a function, and closes them once it has settled.
 *
 * @param mayCreate whether the second store, if it is a SQLite file, is created
 * @throws SettingsError if a store is invalid or both are the same one
 * @throws UserError `unavailable` if a store cannot be read
 */
export async function useStores(
  arguments_: readonly [StoreArgument, StoreArgument],
  mayCreate: boolean,
  use: (first: OpenedStore, second: OpenedStore) => Promise<void>,
): Promise<void> {
  const [first, second] = [readStore(arguments_[0]), readStore(arguments_[1])];
  if (isSameStore(first, second)) {
    throw new SettingsError(`${arguments_[0].argument} and ${arguments_[1].argument} are the same store`);
  }
  const stores: Store[] = [];
  try {
    const open = async (settings: StoreSettings, mayCreateFile: boolean): Promise<OpenedStore> => {
      const store = openStore(settings, mayCreateFile);
      stores.push(store);
      const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
      await store.users.get(UNKNOWN_ID, { requestId: "probe", caller: ANONYMOUS_CALLER, signal });
      return { settings, users: store.users, name: formatStore(settings) };
    };
    await use(await open(first, false), await open(second, mayCreate));
  } finally {
    for (const { close } of stores) close();
  }
}

function readStore({ text, argument }: StoreArgument): StoreSettings {
  return readStoreSettings(text, process.env, argument);
}

/** Reports whether two stores are the same table, or the same file, also by way of a link. */
function isSameStore(first: StoreSettings, second: StoreSettings): boolean {
  if (first.kind === "dynamodb" || second.kind === "dynamodb") {
    return first.kind === "dynamodb" && second.kind === "dynamodb" && first.tableName === second.tableName;
  }
  if (!existsSync(first.path) || !existsSync(second.path)) return resolve(first.path) === resolve(second.path);
  const [file, otherFile] = [statSync(first.path), statSync(second.path)];
  return file.dev === otherFile.dev && file.ino === otherFile.ino;
}

function formatStore(settings: StoreSettings): string {
  return settings.kind === "sqlite" ? `sqlite:${realpathSync(settings.path)}` : `dynamodb:${settings.tableName}`;
}
