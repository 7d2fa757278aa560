import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { onTestFinished } from "vitest";
import { createDynamoClient } from "../client/document-client.ts";
import type { DynamoClient } from "../client/dynamo-client.ts";
import { createSocketTransport } from "../client/socket-transport.ts";
import { toDynamoClient } from "../client/sdk-client.ts";
import { createSdkConnection } from "../client/sdk-connection.ts";
import type { CreateTransport } from "../client/transport.ts";
import { createUndiciTransport } from "../client/undici-transport.ts";
import { createWireClient, type WireClient, type WireClientOptions } from "../client/wire-client.ts";

/** The clients under which the repositories are tested. */
export const CLIENT_NAMES = ["the AWS SDK", "the wire client on undici", "the wire client on sockets"] as const;

export type ClientName = (typeof CLIENT_NAMES)[number];

/** Creates a client with this configuration. It is closed when the test finishes. */
export function createTestClient(name: ClientName, config: DynamoDBClientConfig): DynamoClient {
  if (name === "the AWS SDK") {
    const client = createDynamoClient(config);
    onTestFinished(() => client.destroy());
    return toDynamoClient(client);
  }
  const createTransport = name === "the wire client on undici" ? createUndiciTransport : createSocketTransport;
  return createTestWireClient({ connection: createSdkConnection(config), createTransport });
}

/** The transports of the wire client, by name. */
export const TRANSPORTS: readonly (readonly [name: string, CreateTransport])[] = [
  ["undici", createUndiciTransport],
  ["sockets", createSocketTransport],
];

/** Creates a wire client that is closed when the test finishes. */
export function createTestWireClient(options: WireClientOptions): WireClient {
  const client = createWireClient(options);
  onTestFinished(() => client.close());
  return client;
}

/** Runs a test over all clients concurrently, because most of its time is spent waiting. An error names its client. */
export function runOverClients(run: (clientName: ClientName) => Promise<void>): Promise<void> {
  return runConcurrently(CLIENT_NAMES.map((name) => [name, () => run(name)]));
}

/** Runs a test over all transports as {@link runOverClients}. */
export function runOverTransports(run: (createTransport: CreateTransport) => Promise<void>): Promise<void> {
  return runConcurrently(TRANSPORTS.map(([name, createTransport]) => [name, () => run(createTransport)]));
}

async function runConcurrently(runs: (readonly [name: string, run: () => Promise<void>])[]): Promise<void> {
  const results = await Promise.allSettled(runs.map(([, run]) => run()));
  for (const [index, result] of results.entries()) {
    if (result.status === "fulfilled") continue;
    const error = result.reason as Error;
    error.message = `Over ${runs[index]![0]}: ${error.message}`;
    throw error;
  }
}
