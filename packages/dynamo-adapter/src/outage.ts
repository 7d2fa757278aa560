import { UserError } from "@user-management/domain";
import { DynamoError, isDynamoError } from "./client/dynamo-error.ts";

/** The table of users, or that of API keys. */
export type TableRole = "users" | "keys";

/** Errors that need an operator, by name or by code. */
const SETUP_ERRORS: Record<string, string> = {
  ResourceNotFoundException: "the table does not exist in this account and region",
  AccessDeniedException: "the credentials do not allow this operation",
  ExpiredTokenException: "the credentials have expired",
  InvalidSignatureException: "the credentials are rejected",
  MissingAuthenticationTokenException: "there are no credentials",
  UnrecognizedClientException: "the credentials are rejected",
  CredentialsProviderError: "there are no credentials",
  ERR_INVALID_CHAR: "the credentials contain an invalid character",
  InvalidEndpoint: "the endpoint is not a URL with http or https",
};

/** Transient errors, by name or by system error code. */
const TRANSIENT_ERRORS: Record<string, string> = {
  AbortError: "it does not respond in time",
  TimeoutError: "it does not respond in time",
  ETIMEDOUT: "it does not respond in time",
  ECONNREFUSED: "the connection is refused",
  ECONNRESET: "the connection is reset",
  EPIPE: "the connection is reset",
  EHOSTUNREACH: "it cannot be reached",
  ENETUNREACH: "it cannot be reached",
  ENOTFOUND: "its host name is unknown",
  EAI_AGAIN: "its host name cannot be resolved",
  ProvisionedThroughputExceededException: "it throttles",
  RequestLimitExceeded: "it throttles",
  ThrottlingException: "it throttles",
  LimitExceededException: "it throttles",
  TransactionCanceledException: "other transactions write to the same items",
  TransactionConflictException: "other transactions write to the same items",
};

/** Cancellation reasons that do not concern the write itself: a retry may succeed. */
const TRANSIENT_REASONS = new Set([
  "None",
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
  "RequestLimitExceeded",
]);

/** Errors that only a bug can cause, such as an invalid request. Any other error of DynamoDB is an outage. */
const BUGS = new Set([
  "ConditionalCheckFailedException",
  "IdempotentParameterMismatchException",
  "ItemCollectionSizeLimitExceededException",
  "SerializationException",
  "ValidationException",
]);

/** Maps an outage of the table to `unavailable`; returns any other error unchanged. */
export function toUserError(error: unknown, table: TableRole): unknown {
  if (!(error instanceof DynamoError) || isBug(error)) return error;
  // A table of API keys is missing beside every users table that an earlier version of the service created.
  const isMissingKeysTable = table === "keys" && error.name === "ResourceNotFoundException";
  const hint = isMissingKeysTable ? " `userctl table create` creates it." : "";
  return new UserError("unavailable", {
    message: `The ${table} table is unavailable: ${describeOutage(error)}.${hint}`,
    cause: error,
  });
}

function isBug(error: DynamoError): boolean {
  return BUGS.has(error.name) || (error.name === "TransactionCanceledException" && !isConflict(error));
}

function describeOutage({ name, code = "" }: DynamoError): string {
  return TRANSIENT_ERRORS[code] ?? SETUP_ERRORS[code] ?? SETUP_ERRORS[name] ?? TRANSIENT_ERRORS[name] ?? "it fails";
}

/** Reports whether a write failed only because of concurrent writes or throttling. The clients do not retry it. */
export function isConflict(error: unknown): boolean {
  if (isDynamoError(error, "TransactionCanceledException")) {
    return error.reasons.every(({ Code = "None" }) => TRANSIENT_REASONS.has(Code));
  }
  return isDynamoError(error, "TransactionConflictException");
}
