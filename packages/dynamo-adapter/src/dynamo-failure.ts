import { TransactionCanceledException, type CancellationReason } from "@aws-sdk/client-dynamodb";
import { UserError } from "@user-management/domain";

/** Errors that a person has to mend, by name, and what to say of them. */
const setup: Record<string, string> = {
  ResourceNotFoundException: "the table does not exist in this account and region",
  AccessDeniedException: "the credentials do not allow this",
  ExpiredTokenException: "the credentials have expired",
  InvalidSignatureException: "the credentials are refused",
  MissingAuthenticationTokenException: "there are no credentials",
  UnrecognizedClientException: "the credentials are refused",
  CredentialsProviderError: "there are no credentials",
};

/** Errors that pass, by name or by the system's code. */
const passing: Record<string, string> = {
  AbortError: "it takes too long",
  TimeoutError: "it takes too long",
  ETIMEDOUT: "it takes too long",
  ECONNREFUSED: "the connection is refused",
  ECONNRESET: "the connection broke",
  EPIPE: "the connection broke",
  EHOSTUNREACH: "it cannot be reached",
  ENETUNREACH: "it cannot be reached",
  ENOTFOUND: "its address is unknown",
  EAI_AGAIN: "its address cannot be looked up",
  ProvisionedThroughputExceededException: "it throttles",
  RequestLimitExceeded: "it throttles",
  ThrottlingException: "it throttles",
  LimitExceededException: "it throttles",
  TransactionCanceledException: "others change the same items",
  TransactionConflictException: "others change the same items",
};

/** Cancellation reasons that say nothing against the write itself: the same may succeed in a moment. */
const passingReasons = new Set([
  "None",
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
  "RequestLimitExceeded",
]);

/** What DynamoDB says of a request that is wrong in itself. Whatever else it says will pass, or is for a person to mend. */
const bugs = new Set([
  "ConditionalCheckFailedException",
  "IdempotentParameterMismatchException",
  "ItemCollectionSizeLimitExceededException",
  "SerializationException",
  "ValidationException",
]);

/** The error as the port promises it: `unavailable` for a table that does not serve, otherwise as it is. */
export function translated(error: unknown): unknown {
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  return new UserError("unavailable", { message: `The users table does not answer: ${reason}.`, cause: error });
}

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof UserError || bugs.has(error.name)) return undefined;
  if (error instanceof TransactionCanceledException && !isConflict(error)) return undefined;
  const code = "code" in error ? String(error.code) : "";
  return passing[code] ?? setup[error.name] ?? passing[error.name] ?? ("$metadata" in error ? "it fails" : undefined);
}

/** How often the SDK had sent the request before it got this error. */
export function attemptsOf(error: Error): number {
  return ("$metadata" in error && (error.$metadata as { attempts?: number }).attempts) || 1;
}

/** Whether nothing but others' writes, or throttling, stood in the way. The SDK does not retry these. */
export function isConflict(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) {
    return reasonsOf(error).every(({ Code = "None" }) => passingReasons.has(Code));
  }
  return error instanceof Error && error.name === "TransactionConflictException";
}

export function reasonsOf(error: TransactionCanceledException): CancellationReason[] {
  return error.CancellationReasons ?? [];
}
