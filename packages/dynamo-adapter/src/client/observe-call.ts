import { isConflict } from "../outage.ts";
import type { CallOptions } from "./dynamo-client.ts";
import { DynamoError } from "./dynamo-error.ts";
import { isThrottled, retry } from "./retry.ts";

/**
 * The outcome of a call after its retries:
 *
 * - `condition-failed`: a condition of a write, as for a unique value that is taken; DynamoDB works as designed
 * - `conflict`: other transactions write to the same items; the repositories repeat the call
 * - `throttled`: all attempts were throttled
 * - `unreachable`: no response arrived in time, or the connection failed
 * - `error`: any other error of DynamoDB, an intermediary or the credentials
 * - `aborted`: the deadline of the request passed between two attempts
 */
export type CallOutcome = "ok" | "condition-failed" | "conflict" | "throttled" | "unreachable" | "error" | "aborted";

/** The names of attempts without a response. */
const UNREACHABLE = new Set(["TimeoutError", "NetworkError"]);

/** A call of DynamoDB with all of its attempts. */
export interface CallRecord {
  /** DynamoDB's name, such as `GetItem`. */
  readonly operation: string;
  readonly outcome: CallOutcome;
  readonly durationMs: number;
  readonly attempts: number;
  /** The number of attempts that DynamoDB throttled. */
  readonly throttles: number;
}

/** Receives a record of each call. It must not throw. */
export type OnCall = (record: CallRecord) => void;

/** Runs the attempts of a call as {@link retry} does, and reports the record of the call. */
export async function observeCall<Output>(
  operation: string,
  attempt: () => Promise<Output>,
  options: CallOptions,
  onCall: OnCall,
): Promise<Output> {
  const startedAt = performance.now();
  let attempts = 0;
  let throttles = 0;
  const report = (outcome: CallOutcome) =>
    onCall({ operation, outcome, durationMs: performance.now() - startedAt, attempts, throttles });

  try {
    const output = await retry(countAttempt, options);
    report("ok");
    return output;
  } catch (error) {
    report(getOutcome(error));
    throw error;
  }

  async function countAttempt(): Promise<Output> {
    attempts += 1;
    try {
      return await attempt();
    } catch (error) {
      if (isThrottled(error)) throttles += 1;
      throw error;
    }
  }
}

function getOutcome(error: unknown): CallOutcome {
  if (!(error instanceof DynamoError)) return "aborted";
  if (isThrottled(error)) return "throttled";
  if (isConflict(error)) return "conflict";
  if (isConditionFailure(error)) return "condition-failed";
  return UNREACHABLE.has(error.name) ? "unreachable" : "error";
}

function isConditionFailure(error: DynamoError): boolean {
  const { name, reasons } = error;
  return name === "ConditionalCheckFailedException" || reasons.some(({ Code }) => Code === "ConditionalCheckFailed");
}
