import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { EXAMPLE_FIELDS, type UserRepository } from "@user-management/domain";
import {
  createDynamoUserRepository,
  createSdkConnection,
  createWireClient,
  type CallRecord,
} from "@user-management/dynamo-adapter";
import { createUsersTable, startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { nodePlatform } from "@user-management/node-platform";
import {
  createCredentialFactory,
  createTestClient,
  describeAccessContract,
  describeHttpContract,
  type TestClient,
} from "@user-management/rest-adapter/testing";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { QUICK_DRAIN, startService } from "./testing/start-service.ts";
import { startTestApplication } from "./testing/start-test-application.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", dynamo.endpoint);
  vi.stubEnv("AWS_REGION", "local");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await dynamo.stop();
});

describeHttpContract("the Node server over a socket, on DynamoDB over the AWS SDK", async () => {
  const { client, tableName } = await createUsersTable(dynamo);
  return startTestClient(createDynamoUserRepository({ client, tableName }));
});

describeHttpContract("the Node server over a socket, on DynamoDB over the wire client", async () => {
  const { tableName } = await createUsersTable(dynamo);
  const client = createWireClient({ connection: createSdkConnection() });
  onTestFinished(() => client.close());
  return startTestClient(createDynamoUserRepository({ client, tableName }));
});

async function startTestClient(users: UserRepository): Promise<TestClient> {
  const { url } = await startService(users, QUICK_DRAIN);
  return createTestClient((path, init) => fetch(url + path, init));
}

describeAccessContract("the Node server over a socket, on DynamoDB", async () => {
  const { tableName } = await createUsersTable(dynamo);
  const settings = { USERS_STORE: "dynamodb", USERS_TABLE: tableName, USERS_AUTH: "required" };
  const { url, store, stop } = await startTestApplication(settings);
  onTestFinished(stop);
  return {
    request: (path, init) => fetch(url + path, init),
    createCredential: createCredentialFactory({ keys: store.keys, ...nodePlatform }),
  };
});

test("publishes each call of DynamoDB on a diagnostics channel", async () => {
  const records: CallRecord[] = [];
  const addRecord = (record: unknown) => void records.push(record as CallRecord);
  subscribe("user-management:dynamodb:call", addRecord);
  onTestFinished(() => void unsubscribe("user-management:dynamodb:call", addRecord));
  const { tableName } = await createUsersTable(dynamo);
  const settings = { USERS_STORE: "dynamodb", USERS_TABLE: tableName, USERS_AUTH: "none" };
  const { url, stop } = await startTestApplication(settings);
  onTestFinished(stop);
  const body = JSON.stringify(EXAMPLE_FIELDS);
  const init = { method: "POST", headers: { "content-type": "application/json" }, body };
  for (const status of [201, 409]) expect((await fetch(`${url}/users`, init)).status).toBe(status);
  // Others are reads of the start.
  expect(records.filter(({ operation }) => operation === "TransactWriteItems")).toMatchObject([
    { outcome: "ok", attempts: 1 },
    { outcome: "condition-failed", attempts: 1 },
  ]);
});
