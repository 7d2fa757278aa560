import type { Item } from "./attribute-value.ts";

export interface CancellationReason {
  readonly Code?: string;
  readonly Item?: Item;
}

export interface DynamoErrorOptions {
  /** DynamoDB's name of the exception, or a name of the client, such as `TimeoutError`. */
  readonly name: string;
  readonly message: string;
  /** The code of a system error, such as `ECONNRESET`. */
  readonly code?: string | undefined;
  /** The status code of the response, if there was one. */
  readonly status?: number | undefined;
  /** The item that failed the condition of a write. */
  readonly item?: Item | undefined;
  /** Why a transaction was canceled, in the order of its writes. */
  readonly reasons?: readonly CancellationReason[] | undefined;
  /** Whether DynamoDB may have applied the write of this attempt. */
  readonly isOutcomeUnknown: boolean;
  readonly cause?: unknown;
}

/** An attempt of a call that failed. After the last attempt, it is the failure of the call. */
export class DynamoError extends Error {
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly item: Item | undefined;
  readonly reasons: readonly CancellationReason[];
  readonly isOutcomeUnknown: boolean;
  /** Whether DynamoDB may have applied the write of an earlier attempt of the same call. */
  isAfterUnknownOutcome = false;

  constructor({ name, message, code, status, item, reasons = [], isOutcomeUnknown, cause }: DynamoErrorOptions) {
    super(message, cause === undefined ? {} : { cause });
    this.name = name;
    this.code = code;
    this.status = status;
    this.item = item;
    this.reasons = reasons;
    this.isOutcomeUnknown = isOutcomeUnknown;
  }
}

/** Reports whether an error is the one with this name in DynamoDB's API. */
export function isDynamoError(error: unknown, name: string): error is DynamoError {
  return error instanceof DynamoError && error.name === name;
}
