import { channel } from "node:diagnostics_channel";
import type { ApiKeyRepository, UserRepository } from "@user-management/domain";
import type { OnCall, OnRead } from "@user-management/dynamo-adapter";
import { SettingsError } from "@user-management/node-platform";
import {
  createSqliteApiKeyRepository,
  createSqliteUserRepository,
  openUsersDatabase,
  type WriteQueueObserver,
} from "@user-management/sqlite-adapter";
import type { Settings } from "./settings.ts";

export interface Store {
  /** Names the store in the first log record. */
  readonly name: string;
  readonly users: UserRepository;
  readonly keys: ApiKeyRepository;
  /** The maximum age of the list of keys in memory, in milliseconds: a revoked key is accepted for so long. */
  readonly keysMaxAgeMs: number;
  readonly close: () => void;
}

/** Receives measurements of the store. Without one, none are made. */
export interface StoreObserver {
  readonly sqlite?: WriteQueueObserver;
  readonly dynamo?: { readonly onCall: OnCall; readonly onRead: OnRead };
}

type StoreSettings = Pick<Settings, "USERS_STORE" | "SQLITE_PATH" | "USERS_TABLE" | "USERS_KEYS_TABLE">;

/**
 * Opens the configured store.
 *
 * @throws UserError `unavailable` if the SQLite file cannot be used
 * @throws SettingsError if no AWS region is configured
 */
export function openStore(settings: StoreSettings, observer: StoreObserver = {}): Promise<Store> {
  return settings.USERS_STORE === "sqlite" ? openSqlite(settings, observer) : openDynamo(settings, observer);
}

async function openSqlite({ SQLITE_PATH }: StoreSettings, { sqlite: observer }: StoreObserver): Promise<Store> {
  const database = openUsersDatabase(SQLITE_PATH);
  return {
    name: `SQLite file ${SQLITE_PATH}`,
    users: createSqliteUserRepository({ database, observer }),
    keys: createSqliteApiKeyRepository({ database, observer }),
    keysMaxAgeMs: 5_000,
    close: () => database.close(),
  };
}

/**
 * Imports the AWS SDK on demand, because it takes most of the time of a start. The SDK resolves the region, the endpoint
 * and the credentials; the calls use the wire client.
 */
async function openDynamo(settings: StoreSettings, { dynamo: observer }: StoreObserver): Promise<Store> {
  const { USERS_TABLE, USERS_KEYS_TABLE } = settings;
  const dynamo = await import("@user-management/dynamo-adapter");
  const connection = dynamo.createSdkConnection();
  const region = await connection.getRegion().catch((cause: unknown) => {
    throw new SettingsError("AWS_REGION is not set, and no AWS profile contains a region", { cause });
  });
  const client = dynamo.createWireClient({ connection, onCall: publishCalls(observer?.onCall) });
  return {
    name: `DynamoDB table ${USERS_TABLE} in ${region}`,
    users: dynamo.createDynamoUserRepository({ client, tableName: USERS_TABLE, onRead: observer?.onRead }),
    keys: dynamo.createDynamoApiKeyRepository({ client, tableName: USERS_KEYS_TABLE }),
    keysMaxAgeMs: 30_000,
    close: () => client.close(),
  };
}

/**
 * Publishes the record of each call on the diagnostics channel `user-management:dynamodb:call`, in the asynchronous
 * context of the call, if there is a subscriber when the store is opened. `observability/tracing.mjs` creates spans of them.
 */
function publishCalls(onCall: OnCall | undefined): OnCall | undefined {
  const calls = channel("user-management:dynamodb:call");
  if (!calls.hasSubscribers) return onCall;
  return (record) => {
    onCall?.(record);
    calls.publish(record);
  };
}
