import { existsSync } from "node:fs";
import type { ApiKeyRepository, UserRepository } from "@user-management/domain";
import {
  createDynamoApiKeyRepository,
  createDynamoUserRepository,
  createSdkConnection,
  createWireClient,
} from "@user-management/dynamo-adapter";
import { SettingsError } from "@user-management/node-platform";
import {
  createSqliteApiKeyRepository,
  createSqliteUserRepository,
  openUsersDatabase,
} from "@user-management/sqlite-adapter";
import type { StoreSettings } from "./settings.ts";

/** The repositories of a store, which a server may use concurrently. */
export interface Store {
  readonly users: UserRepository;
  readonly keys: ApiKeyRepository;
  readonly close: () => void;
}

/**
 * Opens a store.
 *
 * @param mayCreate whether a SQLite file that does not exist is created
 * @throws SettingsError if the file does not exist
 */
export function openStore(settings: StoreSettings, mayCreate: boolean): Store {
  if (settings.kind === "dynamodb") {
    const client = createWireClient({ connection: createSdkConnection() });
    return {
      users: createDynamoUserRepository({ client, tableName: settings.tableName }),
      keys: createDynamoApiKeyRepository({ client, tableName: settings.keysTableName }),
      close: () => client.close(),
    };
  }
  if (!mayCreate && !existsSync(settings.path)) throw new SettingsError(`the file ${settings.path} does not exist`);
  const database = openUsersDatabase(settings.path);
  return {
    users: createSqliteUserRepository({ database }),
    keys: createSqliteApiKeyRepository({ database }),
    close: () => database.close(),
  };
}
