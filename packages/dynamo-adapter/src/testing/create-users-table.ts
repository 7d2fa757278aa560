import { randomUUID } from "node:crypto";
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { onTestFinished } from "vitest";
import { createDynamoClient } from "../dynamo-client.ts";
import { usersTable } from "../table.ts";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Dynamo } from "./start-dynamo.ts";

/** A table of its own for a test, gone when the test is over. */
export async function createUsersTable(dynamo: Dynamo): Promise<{ client: DynamoDBDocumentClient; tableName: string }> {
  const engine = new DynamoDBClient(dynamo.config); // without the timeouts of a service: a cold engine is slow
  const client = createDynamoClient(dynamo.config);
  const tableName = `Users-${randomUUID()}`;
  await engine.send(new CreateTableCommand({ TableName: tableName, ...usersTable }));
  onTestFinished(async () => {
    await engine.send(new DeleteTableCommand({ TableName: tableName }));
    engine.destroy();
    client.destroy();
  });
  return { client, tableName };
}
