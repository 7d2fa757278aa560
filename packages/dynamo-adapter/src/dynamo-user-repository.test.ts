import { describeUserRepository } from "@user-management/domain/testing";
import { afterAll, beforeAll } from "vitest";
import { createDynamoUserRepository } from "./index.ts";
import { CLIENT_NAMES, createTestClient } from "./testing/clients.ts";
import { createUsersTable, startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

for (const name of CLIENT_NAMES) {
  describeUserRepository(`the DynamoDB repository over ${name}`, async () => {
    const { tableName } = await createUsersTable(dynamo);
    return createDynamoUserRepository({ client: createTestClient(name, dynamo.config), tableName });
  });
}
