import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { onTestFinished } from "vitest";
import { createDynamoClient } from "../client/document-client.ts";
import type { DynamoClient } from "../client/dynamo-client.ts";
import { toDynamoClient } from "../client/sdk-client.ts";
import { createSdkConnection } from "../client/sdk-connection.ts";
import { createWireClient, type WireClient, type WireClientOptions } from "../client/wire-client.ts";

/** The clients under which the repositories are tested. */
export const CLIENT_NAMES = ["the AWS SDK", "the wire client"] as const;

export type ClientName = (typeof CLIENT_NAMES)[number];

/** Creates a client with this configuration. It is closed when the test finishes. */
export function createTestClient(name: ClientName, config: DynamoDBClientConfig): DynamoClient {
  if (name === "the AWS SDK") {
    const client = createDynamoClient(config);
    onTestFinished(() => client.destroy());
    return toDynamoClient(client);
  }
  return createTestWireClient({ connection: createSdkConnection(config) });
}

/** Creates a wire client that is closed when the test finishes. */
export function createTestWireClient(options: WireClientOptions): WireClient {
  const client = createWireClient(options);
  onTestFinished(() => client.close());
  return client;
}

/** Runs a test over all clients concurrently, because most of its time is spent waiting. An error names its client. */
export async function runOverClients(run: (clientName: ClientName) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(CLIENT_NAMES.map(run));
  for (const [index, result] of results.entries()) {
    if (result.status === "fulfilled") continue;
    const error = result.reason as Error;
    error.message = `Over ${CLIENT_NAMES[index]}: ${error.message}`;
    throw error;
  }
}
