import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** Timeouts and attempts of a call. By default the SDK waits without limit. */
const CONFIG = {
  maxAttempts: 3,
  endpointDiscoveryEnabled: false,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_200, throwOnRequestTimeout: true },
} as const satisfies DynamoDBClientConfig;

/**
 * Creates a client for {@link createDynamoUserRepository}. A call has 3 attempts of at most 1.2 seconds each. The SDK
 * resolves region, endpoint and credentials unless `overrides` contains them.
 */
export function createDynamoClient(overrides: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const client = new DynamoDBClient({ ...CONFIG, ...overrides });
  client.middlewareStack.addRelativeTo(
    (next: any) => async (call: any) => {
      const result = await next(call);
      validateOrigin(result.response as ResponseHead);
      return result;
    },
    { relation: "after", toMiddleware: "deserializerMiddleware" },
  );
  return DynamoDBDocumentClient.from(client, {
    // A third-party attribute may be a number that JavaScript cannot represent exactly.
    unmarshallOptions: { wrapNumbers: true },
  });
}

interface ResponseHead {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
}

/**
 * Rejects a successful response without a request id. DynamoDB always sends one, so this is the response of an
 * intermediary, such as a proxy, and does not prove that a write was committed.
 */
function validateOrigin({ statusCode, headers }: ResponseHead): void {
  if (statusCode >= 300 || headers["x-amzn-requestid"]) return;
  const error = new Error("The response is not one of DynamoDB.");
  throw Object.assign(error, { name: "ForeignResponse", $metadata: { httpStatusCode: statusCode } });
}
