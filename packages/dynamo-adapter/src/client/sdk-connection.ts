import { DynamoDBClient, ListTablesCommand, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { Connection } from "./connection.ts";

/**
 * Creates a connection that the AWS SDK resolves: profiles, SSO, roles of containers and instances, and the endpoints of
 * settings, FIPS and dual stack. The SDK refreshes credentials before they expire.
 */
export function createSdkConnection(config: DynamoDBClientConfig = {}): Connection & {
  /** Returns the configured region. */
  readonly getRegion: () => Promise<string>;
} {
  const client = new DynamoDBClient(config);
  return {
    getRegion: () => client.config.region(),
    getCredentials: (options) => client.config.credentials(options),
    resolveEndpoint: () => resolveEndpoint(client),
  };
}

/** Lets the SDK build a request, and returns where it would send it. */
async function resolveEndpoint(client: DynamoDBClient): Promise<{ url: URL; signingRegion: string }> {
  const configuredRegion = await client.config.region();
  const command = new ListTablesCommand();
  let resolved: { url: URL; signingRegion: string } | undefined;
  command.middlewareStack.add(
    (_, context) => async () => {
      const { endpointV2, signing_region: signingRegion } = context as unknown as EndpointContext;
      resolved = { url: endpointV2.url, signingRegion: signingRegion ?? configuredRegion };
      return { output: { $metadata: {} }, response: undefined };
    },
    { step: "build", priority: "high" },
  );
  await client.send(command);
  return resolved!;
}

interface EndpointContext {
  readonly endpointV2: { readonly url: URL };
  readonly signing_region?: string;
}
