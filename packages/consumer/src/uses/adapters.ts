import type { UserRepository } from "@user-management/domain";
import { createDynamoClient, createDynamoUserRepository } from "@user-management/dynamo-adapter";
import { DEFAULT_TABLE_NAME, usersTable } from "@user-management/dynamo-adapter/table";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";

const client = createDynamoClient({ region: "local" });

export const key: "user_id" = usersTable.KeySchema[0].AttributeName;

export const repositories: UserRepository[] = [
  createDynamoUserRepository({ client, tableName: DEFAULT_TABLE_NAME }),
  createSqliteUserRepository({ database: openUsersDatabase("users.db") }),
  // @ts-expect-error the table is named
  createDynamoUserRepository({ client }),
  // @ts-expect-error a database is opened before
  createSqliteUserRepository({ database: "users.db" }),
];
