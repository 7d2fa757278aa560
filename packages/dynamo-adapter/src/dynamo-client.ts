import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/**
 * How long one call may take, in milliseconds, and how often the SDK tries it. Without these it would wait for ever.
 * Three attempts with their waits stay within what a repository's whole operation may take.
 */
const config = {
  maxAttempts: 3,
  endpointDiscoveryEnabled: false,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_200, throwOnRequestTimeout: true },
} as const satisfies DynamoDBClientConfig;

/**
 * A client for {@link createDynamoUserRepository}. Region, endpoint and credentials are the SDK's own affair: it finds
 * them in the environment and in AWS's files, unless `overrides` names them.
 */
export function createDynamoClient(overrides: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient({ ...config, ...overrides }), {
    // Numbers as text: an attribute of somebody else's with twenty digits must not make a user unreadable.
    unmarshallOptions: { wrapNumbers: (text: string) => text },
  });
}
