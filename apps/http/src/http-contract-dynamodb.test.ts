import { createDynamoUserRepository } from "@user-management/dynamo-adapter";
import { createUsersTable, startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { createTestClient, describeHttpContract } from "@user-management/rest-adapter/testing";
import { afterAll, beforeAll } from "vitest";
import { QUICK_DRAIN, startService } from "./testing/start-service.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

describeHttpContract("the Node server over a socket, on DynamoDB", async () => {
  const { url } = await startService(createDynamoUserRepository(await createUsersTable(dynamo)), QUICK_DRAIN);
  return createTestClient((path, init) => fetch(url + path, init));
});
