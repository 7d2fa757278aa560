import { buildUser, createContext, createInMemoryUserRepository, describeUserRepository, } from "@user-management/domain/testing";
import { createUsersTable, startDynamo } from "@user-management/dynamo-adapter/testing";
import { describeHttpContract } from "@user-management/rest-adapter/testing";
describeUserRepository("in memory", createInMemoryUserRepository);
// @ts-expect-error the function that creates a repository is missing
describeUserRepository("nothing");
// @ts-expect-error the function that starts a service is missing
describeHttpContract("nothing");
export async function createTable() {
    const { tableName } = await createUsersTable(await startDynamo());
    return tableName;
}
export const insertUser = () => createInMemoryUserRepository().insert(buildUser(), undefined, createContext());
export const getUser = (client) => client.getUser("6f1c5b9e-0000-4000-8000-000000000000");
//# sourceMappingURL=testing.js.map