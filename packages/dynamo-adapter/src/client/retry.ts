import { setTimeout as delay } from "node:timers/promises";
import { DynamoError } from "./dynamo-error.ts";
import type { CallOptions } from "./dynamo-client.ts";

const MAX_ATTEMPTS = 3;
/** DynamoDB adapts the capacity of a partition within seconds, so more attempts are worthwhile. */
const MAX_THROTTLED_ATTEMPTS = 5;

/** Errors of a call that was throttled. DynamoDB has not applied it. */
const THROTTLED = new Set([
  "LimitExceededException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
]);

/** System errors before a request is sent, after which the next attempt may succeed. */
const TRANSIENT_CODES = new Set([
  "EADDRNOTAVAIL",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "EMFILE",
  "ENETUNREACH",
  "ENFILE",
  "ENOTFOUND",
  "ETIMEDOUT",
]);

/**
 * Repeats the attempts of a call that fail for a transient reason, with exponential backoff and full jitter.
 *
 * @throws DynamoError of the last attempt; the reason of the signal if it aborts between two attempts
 */
export async function retry<Output>(
  attempt: () => Promise<Output>,
  { signal, isRepeatable = true }: CallOptions,
): Promise<Output> {
  let isAfterUnknownOutcome = false;
  for (let attempts = 1; ; attempts += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DynamoError)) throw error;
      error.isAfterUnknownOutcome = isAfterUnknownOutcome;
      const wasThrottled = isThrottled(error);
      const maxAttempts = wasThrottled ? MAX_THROTTLED_ATTEMPTS : MAX_ATTEMPTS;
      if (attempts >= maxAttempts || !(wasThrottled || isTransient(error))) throw error;
      if (error.isOutcomeUnknown && !isRepeatable) throw error;
      isAfterUnknownOutcome ||= error.isOutcomeUnknown;
      await delay(computeBackoffMs(wasThrottled ? attempts + 2 : attempts - 1), undefined, signal && { signal });
    }
  }
}

/** Reports whether an attempt failed because DynamoDB throttled it. */
export function isThrottled(error: unknown): boolean {
  return error instanceof DynamoError && THROTTLED.has(error.name);
}

function isTransient({ name, code, status = 0, isOutcomeUnknown }: DynamoError): boolean {
  if (code !== undefined) return isOutcomeUnknown || TRANSIENT_CODES.has(code);
  return name === "ChecksumError" || status >= 500;
}

/** Returns the delay after an attempt, counted from 0: exponential backoff with full jitter, at most 500 ms. */
export function computeBackoffMs(attempt: number): number {
  return Math.random() * Math.min(25 * 2 ** attempt, 500);
}
