import { crc32 } from "node:zlib";
import { DynamoError, type CancellationReason } from "./dynamo-error.ts";
import type { Item } from "./attribute-value.ts";
import type { HttpResponse } from "./response-parser.ts";

/** The members of an error response that are read. */
interface ErrorBody {
  readonly __type?: unknown;
  readonly message?: string;
  readonly Message?: string;
  readonly Item?: Item;
  readonly CancellationReasons?: readonly CancellationReason[] | null;
}

/**
 * Returns the output in a successful response.
 *
 * @throws DynamoError for any other response, and for one that is damaged or not DynamoDB's
 */
export function parseResponse(response: HttpResponse): unknown {
  const { status, headers, body } = response;
  const checksum = headers.get("x-amz-crc32");
  if (checksum !== undefined && Number(checksum) !== crc32(body)) {
    throw createResponseError("ChecksumError", "The checksum of the response does not match.", status);
  }
  if (status < 200 || status >= 300) throw parseError(response);
  // DynamoDB always sends a request id, so this is the response of an intermediary, which proves no write.
  if (!headers.get("x-amzn-requestid")) {
    throw createResponseError("ForeignResponse", "The response is not one of DynamoDB.", status);
  }
  const output = parseJson(body);
  if (typeof output !== "object" || output === null || Array.isArray(output)) {
    throw createResponseError("InvalidResponse", "The response is not a JSON object.", status);
  }
  return output;
}

/** Returns the value in a body, or `undefined` if it is not valid JSON. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function createResponseError(name: string, message: string, status: number): DynamoError {
  return new DynamoError({ name, message, status, isOutcomeUnknown: true });
}

function parseError({ status, body }: HttpResponse): DynamoError {
  const {
    __type: type,
    message,
    Message,
    Item: item,
    CancellationReasons: reasons,
  } = (parseJson(body) ?? {}) as ErrorBody;
  // Without its namespace, such as `com.amazonaws.dynamodb.v20120810#`.
  const name = typeof type === "string" ? type.slice(type.lastIndexOf("#") + 1) : undefined;
  return new DynamoError({
    name: name ?? "ForeignResponse",
    message: message ?? Message ?? `The status code is ${status}.`,
    status,
    item,
    reasons: Array.isArray(reasons) ? reasons : [],
    // DynamoDB rejects with 4xx before it writes. After any other status code the item may have been written.
    isOutcomeUnknown: name === undefined || status < 400 || status >= 500,
  });
}
