import { createInMemoryUserRepository, describeUserRepository } from "@user-management/domain/testing";
import { createUsersTable, startDynamo } from "@user-management/dynamo-adapter/testing";
import { describeHttpContract, type Client } from "@user-management/rest-adapter/testing";

describeUserRepository("in memory", createInMemoryUserRepository);
// @ts-expect-error a contract is of something
describeUserRepository("nothing");
// @ts-expect-error a contract is of something
describeHttpContract("nothing");

export async function inATable(): Promise<string> {
  const { tableName } = await createUsersTable(await startDynamo());
  return tableName;
}

export const read = ({ read: user }: Client) => user("6f1c5b9e-0000-4000-8000-000000000000");
