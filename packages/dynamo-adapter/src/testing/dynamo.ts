import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  UpdateTableCommand,
  type DynamoDBClientConfig,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { buildUser, createContext } from "@user-management/domain/testing";
import { onTestFinished } from "vitest";
import { createDynamoClient } from "../client/document-client.ts";
import { createDynamoUserRepository } from "../sdk-repositories.ts";
import { getDefaultKeysTableName, KEYS_TABLE_DEFINITION, USERS_TABLE_DEFINITION } from "../table.ts";

const IMAGE = "amazon/dynamodb-local:3.3.1";

/** How long DynamoDB Local may take to start. */
const START_TIMEOUT_MS = 60_000;

/** A DynamoDB engine that needs no AWS account. */
export interface Dynamo {
  readonly endpoint: string;
  /** The configuration with which a client connects to the engine. */
  readonly config: DynamoDBClientConfig;
  readonly stop: () => Promise<void>;
}

/**
 * Returns the engine at `DYNAMODB_ENDPOINT` if the variable is set. Otherwise starts DynamoDB Local: in a container if
 * Docker and `testcontainers` are available, or else with Java from the package `amplify-dynamodb-simulator`.
 *
 * @throws Error if no engine is available; the message lists the alternatives
 */
export async function startDynamo(): Promise<Dynamo> {
  const endpoint = process.env["DYNAMODB_ENDPOINT"];
  if (endpoint) return createDynamo(endpoint, async () => undefined);
  const dynamo = (await startContainer()) ?? (await startJava());
  await warmUp(dynamo);
  return dynamo;
}

/** Performs each operation once, because the first ones take longer than the timeouts of a client. */
async function warmUp({ config }: Dynamo): Promise<void> {
  const client = new DynamoDBClient(config);
  const tableName = "WarmUp";
  await client.send(new CreateTableCommand({ TableName: tableName, ...USERS_TABLE_DEFINITION }));
  const users = createDynamoUserRepository({ client, tableName });
  const [user, context] = [buildUser(), createContext()];
  await users.insert(user, undefined, context);
  await Promise.all([users.get(user.user_id, context), users.get("unknown", context)]);
  await users.list({ limit: 1 }, context);
  await users.update(user.user_id, { lastname: "Roe" }, { updated_at: user.updated_at }, context);
  await users.delete(user.user_id, {}, context);
  await deleteTable(client, tableName);
  client.destroy();
}

/** The empty tables of a test, and a client for the repositories on them. */
export interface TestTables {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  /** The table of API keys. It has the default name beside the users table. */
  readonly keysTableName: string;
}

/** Creates an empty users table and an empty table of API keys. They are deleted when the test finishes. */
export async function createUsersTable(dynamo: Dynamo): Promise<TestTables> {
  // The timeouts of `createDynamoClient` are too short for a cold engine.
  const setupClient = new DynamoDBClient(dynamo.config);
  const client = createDynamoClient(dynamo.config);
  const tableName = `Users-${randomUUID()}`;
  const keysTableName = getDefaultKeysTableName(tableName);
  await Promise.all([
    setupClient.send(new CreateTableCommand({ TableName: tableName, ...USERS_TABLE_DEFINITION })),
    setupClient.send(new CreateTableCommand({ TableName: keysTableName, ...KEYS_TABLE_DEFINITION })),
  ]);
  onTestFinished(async () => {
    await Promise.all([tableName, keysTableName].map((name) => deleteTable(setupClient, name)));
    setupClient.destroy();
    client.destroy();
  });
  return { client, tableName, keysTableName };
}

/** Deletes a table, even if the test has enabled its deletion protection. */
async function deleteTable(client: DynamoDBClient, TableName: string): Promise<void> {
  try {
    await client.send(new DeleteTableCommand({ TableName }));
  } catch {
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await client.send(new DeleteTableCommand({ TableName }));
  }
}

function createDynamo(endpoint: string, stop: () => Promise<void>): Dynamo {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return { endpoint, config: { endpoint, region: "local", credentials }, stop };
}

async function startContainer(): Promise<Dynamo | undefined> {
  const testcontainers = await importTestcontainers();
  if (!testcontainers) return undefined;
  const { GenericContainer, Wait } = testcontainers;
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(8000)
    .withCommand(["-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb", "-disableTelemetry"])
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  return createDynamo(`http://${container.getHost()}:${container.getMappedPort(8000)}`, async () => {
    await container.stop();
  });
}

/** Returns `undefined` if the package is not installed or Docker is not available. */
async function importTestcontainers() {
  try {
    const testcontainers = await import("testcontainers");
    await testcontainers.getContainerRuntimeClient();
    return testcontainers;
  } catch {
    return undefined;
  }
}

async function startJava(): Promise<Dynamo> {
  const manifest = createRequire(import.meta.url).resolve("amplify-dynamodb-simulator/package.json");
  const port = await findFreePort();
  const java = spawn(
    "java",
    `-Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar -inMemory -sharedDb -disableTelemetry -port ${port}`.split(
      " ",
    ),
    { cwd: join(dirname(manifest), "emulator"), stdio: "ignore" },
  );
  const kill = () => void java.kill("SIGKILL");
  process.once("exit", kill);
  const exited = once(java, "exit").then(
    ([code]) => Promise.reject(new Error(`DynamoDB Local exited with code ${code}. It requires Java 17 or newer.`)),
    (cause: unknown) =>
      Promise.reject(new Error("No DynamoDB engine: install Docker or Java 17, or set DYNAMODB_ENDPOINT.", { cause })),
  );
  const endpoint = `http://127.0.0.1:${port}`;
  await Promise.race([waitForResponse(endpoint), exited]);
  return createDynamo(endpoint, async () => {
    process.off("exit", kill);
    kill();
    await exited.catch(() => undefined);
  });
}

async function waitForResponse(endpoint: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const isResponding = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (isResponding) return;
    if (Date.now() > deadline) throw new Error(`DynamoDB Local does not respond at ${endpoint}.`);
    await delay(50);
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
