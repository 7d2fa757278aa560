import { ApiError } from "@user-management/client";
import { toKey, toLabel } from "./fields.ts";

/** A failed request, as the page describes it. */
export interface Failure {
  readonly message: string;
  /** The rules that values violate, as sentences by the key of the field. */
  readonly fields: Readonly<Record<string, string>>;
}

export const NO_FIELDS: Failure["fields"] = {};

/** Describes the failure of a request. Problems of single fields belong to these fields. */
export function describeFailure(error: unknown): Failure {
  if (!(error instanceof ApiError)) return { message: String(error), fields: NO_FIELDS };
  const fields = listFields(error);
  const keys = Object.keys(fields);
  if (keys.length === 0) return { message: describe(error), fields };
  const names = keys.map(toLabel).join(", ");
  return {
    message: keys.length === 1 ? `${names} is not valid.` : `${keys.length} fields are not valid: ${names}.`,
    fields,
  };
}

function listFields({ type, errors }: ApiError): Record<string, string> {
  if (type === "email-taken") return { email: "Another user has this email." };
  if (type === "external-id-taken") return { external_id: "Another user has this external id." };
  const issues = errors.flatMap((error) => ("pointer" in error && error.pointer !== "#" ? [error] : []));
  return Object.fromEntries(issues.map(({ pointer, detail }) => [toKey(pointer), toSentence(detail)]));
}

function describe({ type, message, problem, requestId }: ApiError): string {
  switch (type) {
    case "network-error":
      return "The server could not be reached.";
    case "store-unavailable":
    case "draining":
      return "The service is unavailable at the moment.";
    case "unauthenticated":
      return "The API key is not valid, or has expired.";
    case "insufficient-scope":
      return `This is not permitted: ${problem?.detail ?? message}`;
    case "not-found":
      return "This user no longer exists.";
    case "idempotency-key-reused":
      return "An earlier attempt has created this user with other values. Find the user by email to edit it.";
    case "internal":
      return `The service has failed. Its log has the cause under the request id ${requestId ?? "of this request"}.`;
    default:
      return problem?.detail ?? message;
  }
}

/** Describes the failure of a write after which the texts of a form are still there. */
export function describeWriteFailure(error: unknown): Failure {
  const failure = describeFailure(error);
  if (!(error instanceof ApiError) || Object.keys(failure.fields).length > 0) return failure;
  // Without a response, or after a failure of the store, the write may have been applied.
  const isUncertain = error.status === undefined || error.status >= 500;
  const advice = isUncertain ? " Your text is kept: try again." : " Your text is kept.";
  return { ...failure, message: failure.message + advice };
}

/** Converts the rule of an issue, "must be a string", to a sentence. */
export function toSentence(detail: string): string {
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
}
