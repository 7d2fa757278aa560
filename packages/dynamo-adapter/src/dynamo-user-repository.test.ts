import { describeUserRepository } from "@user-management/domain/testing";
import { afterAll, beforeAll } from "vitest";
import { createDynamoUserRepository } from "./index.ts";
import { createUsersTable, startDynamo, type Dynamo } from "./testing/index.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

describeUserRepository("the DynamoDB repository", async () =>
  createDynamoUserRepository(await createUsersTable(dynamo)),
);
