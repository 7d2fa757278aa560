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
  const client = new DynamoDBClient({ ...config, ...overrides });
  client.middlewareStack.addRelativeTo(
    (next: any) => async (call: any) => {
      const answer = await next(call);
      refuseForeign(answer.response as ResponseHead);
      return answer;
    },
    { relation: "after", toMiddleware: "deserializerMiddleware" },
  );
  return DynamoDBDocumentClient.from(client, {
    // Numbers as they are: an attribute of somebody else's with twenty digits must not make a user unreadable.
    unmarshallOptions: { wrapNumbers: true },
  });
}

interface ResponseHead {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
}

/**
 * DynamoDB gives every answer an id. A success without one comes from something else on the way, such as a proxy, and
 * would be taken for a write that was done.
 */
function refuseForeign({ statusCode, headers }: ResponseHead): void {
  if (statusCode >= 300 || headers["x-amzn-requestid"]) return;
  const error = new Error("a success that is not DynamoDB's");
  throw Object.assign(error, { name: "ForeignAnswer", $metadata: { httpStatusCode: statusCode } });
}
