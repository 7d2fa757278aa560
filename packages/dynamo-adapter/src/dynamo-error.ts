import {
  ResourceNotFoundException,
  TransactionCanceledException,
  type CancellationReason,
} from "@aws-sdk/client-dynamodb";
import { UserError } from "@user-management/domain";

/** The table of users, or that of API keys. */
export type TableRole = "users" | "keys";

/** Errors that need an operator, by name. */
const SETUP_ERRORS: Record<string, string> = {
  ResourceNotFoundException: "the table does not exist in this account and region",
  AccessDeniedException: "the credentials do not allow this operation",
  ExpiredTokenException: "the credentials have expired",
  InvalidSignatureException: "the credentials are rejected",
  MissingAuthenticationTokenException: "there are no credentials",
  UnrecognizedClientException: "the credentials are rejected",
  CredentialsProviderError: "there are no credentials",
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
  const reason = describeOutage(error);
  if (reason === undefined) return error;
  // A table of API keys is missing beside every users table that an earlier version of the service created.
  const isMissingKeysTable = table === "keys" && error instanceof ResourceNotFoundException;
  const hint = isMissingKeysTable ? " `userctl table create` creates it." : "";
  return new UserError("unavailable", {
    message: `The ${table} table is unavailable: ${reason}.${hint}`,
    cause: error,
  });
}

function describeOutage(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof UserError || BUGS.has(error.name)) return undefined;
  if (error instanceof TransactionCanceledException && !isRetryable(error)) return undefined;
  const code = "code" in error ? String(error.code) : "";
  const known = TRANSIENT_ERRORS[code] ?? SETUP_ERRORS[error.name] ?? TRANSIENT_ERRORS[error.name];
  return known ?? ("$metadata" in error ? "it fails" : undefined);
}

/** Returns the number of attempts that the SDK made. */
export function getAttempts(error: Error): number {
  return ("$metadata" in error && (error.$metadata as { attempts?: number }).attempts) || 1;
}

/** Reports whether a write failed only because of concurrent writes or throttling. The SDK does not retry these errors. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) {
    return getReasons(error).every(({ Code = "None" }) => TRANSIENT_REASONS.has(Code));
  }
  return error instanceof Error && error.name === "TransactionConflictException";
}

/** Returns the cancellation reasons, in the order of the writes. */
export function getReasons(error: TransactionCanceledException): CancellationReason[] {
  return error.CancellationReasons ?? [];
}
