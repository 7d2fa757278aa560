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
  TransactionInProgressException: "the same transaction is still going on",
};

/** Cancellation reasons that say nothing against the write itself: the same may succeed in a moment. */
const passingReasons = new Set([
  "None",
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
  "RequestLimitExceeded",
]);

/** The error as the port promises it: `unavailable` for a table that does not serve, otherwise as it is. */
export function translated(error: unknown): unknown {
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  return new UserError("unavailable", { message: `The users table does not answer: ${reason}.`, cause: error });
}

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof UserError) return undefined;
  if (error instanceof TransactionCanceledException && !isConflict(error)) return undefined;
  const code = "code" in error ? String(error.code) : "";
  return passing[code] ?? setup[error.name] ?? passing[error.name] ?? (isServerFault(error) ? "it fails" : undefined);
}

/** A 5xx, or an answer that is not what DynamoDB says, which the SDK reports as an error in parsing it. */
function isServerFault(error: Error): boolean {
  const { httpStatusCode = 0 } = metadataOf(error);
  return httpStatusCode >= 500 || (error instanceof SyntaxError && "$metadata" in error);
}

/** How often the SDK had sent the request before it got this error. */
export function attemptsOf(error: Error): number {
  return metadataOf(error).attempts ?? 1;
}

function metadataOf(error: Error): { httpStatusCode?: number; attempts?: number } {
  return "$metadata" in error && error.$metadata ? error.$metadata : {};
}

/** Whether nothing but others' writes, or throttling, stood in the way. The SDK does not retry these. */
export function isConflict(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) {
    return reasonsOf(error).every(({ Code = "None" }) => passingReasons.has(Code));
  }
  return error instanceof Error && /^Transaction(Conflict|InProgress)Exception$/.test(error.name);
}

export function reasonsOf(error: TransactionCanceledException): CancellationReason[] {
  return error.CancellationReasons ?? [];
}
