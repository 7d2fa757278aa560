import type { UserRepository } from "@user-management/domain";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import type { Settings } from "./settings.ts";
import { StartError } from "./start-error.ts";

export interface Store {
  /** What it is, for the person who started the server. */
  readonly name: string;
  readonly users: UserRepository;
  readonly close: () => void;
}

type StoreSettings = Pick<Settings, "USERS_STORE" | "SQLITE_PATH" | "USERS_TABLE">;

/**
 * Opens the store that the settings name.
 *
 * @throws UserError for a SQLite file that cannot serve
 * @throws StartError for a DynamoDB table that cannot be reached without another setting
 */
export function openStore(settings: StoreSettings): Promise<Store> {
  return settings.USERS_STORE === "sqlite" ? openSqlite(settings) : openDynamo(settings);
}

async function openSqlite({ SQLITE_PATH }: StoreSettings): Promise<Store> {
  const database = openUsersDatabase(SQLITE_PATH);
  return {
    name: `SQLite file ${SQLITE_PATH}`,
    users: createSqliteUserRepository({ database }),
    close: () => database.close(),
  };
}

/** The SDK is loaded only where it is used: it takes longer than everything else. */
async function openDynamo({ USERS_TABLE: tableName }: StoreSettings): Promise<Store> {
  const { createDynamoClient, createDynamoUserRepository } = await import("@user-management/dynamo-adapter");
  const client = createDynamoClient();
  const region = await client.config.region().catch((cause: unknown) => {
    throw new StartError("AWS_REGION is not set, and no AWS profile names a region", { cause });
  });
  return {
    name: `DynamoDB table ${tableName} in ${region}`,
    users: createDynamoUserRepository({ client, tableName }),
    close: () => client.destroy(),
  };
}
