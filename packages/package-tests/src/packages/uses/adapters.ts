import type { UserRepository } from "@user-management/domain";
import {
  createDynamoClient,
  createDynamoUserRepository,
  createSdkConnection,
  createWireClient,
} from "@user-management/dynamo-adapter";
import { DEFAULT_TABLE_NAME, USERS_TABLE_DEFINITION } from "@user-management/dynamo-adapter/table";
import * as wire from "@user-management/dynamo-adapter/wire";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";

const sdkClient = createDynamoClient({ region: "local" });
const wireClient = createWireClient({ connection: createSdkConnection() });

export const partitionKey: "user_id" = USERS_TABLE_DEFINITION.KeySchema[0].AttributeName;

export const repositories: UserRepository[] = [
  createDynamoUserRepository({ client: sdkClient, tableName: DEFAULT_TABLE_NAME }),
  createDynamoUserRepository({ client: wireClient, tableName: DEFAULT_TABLE_NAME }),
  wire.createDynamoUserRepository({ client: wireClient, tableName: DEFAULT_TABLE_NAME }),
  createSqliteUserRepository({ database: openUsersDatabase("users.db") }),
  // @ts-expect-error the name of the table is missing
  createDynamoUserRepository({ client: sdkClient }),
  // @ts-expect-error these repositories work without the SDK
  wire.createDynamoUserRepository({ client: sdkClient, tableName: DEFAULT_TABLE_NAME }),
  // @ts-expect-error a path is no open database
  createSqliteUserRepository({ database: "users.db" }),
];
