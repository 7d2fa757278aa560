import { createDynamoClient, createDynamoUserRepository } from "@user-management/dynamo-adapter";
import { DEFAULT_TABLE_NAME, USERS_TABLE_DEFINITION } from "@user-management/dynamo-adapter/table";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
const client = createDynamoClient({ region: "local" });
export const partitionKey = USERS_TABLE_DEFINITION.KeySchema[0].AttributeName;
export const repositories = [
    createDynamoUserRepository({ client, tableName: DEFAULT_TABLE_NAME }),
    createSqliteUserRepository({ database: openUsersDatabase("users.db") }),
    // @ts-expect-error the name of the table is missing
    createDynamoUserRepository({ client }),
    // @ts-expect-error a path is no open database
    createSqliteUserRepository({ database: "users.db" }),
];
//# sourceMappingURL=adapters.js.map