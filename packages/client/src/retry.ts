import { ApiError } from "./api-error.ts";

export interface RetryOptions {
  /** The maximum number of retries. */
  readonly retries: number;
  /** The timeout of one attempt, in milliseconds. */
  readonly timeout: number;
  /** Aborts the attempt or the wait in progress: the promise rejects at once with the signal's reason. */
  readonly signal: AbortSignal | undefined;
}

/** Makes one attempt. The signal aborts on timeout or when the caller aborts; `retryCount` is 0 for the first one. */
export type Attempt<Result> = (signal: AbortSignal, retryCount: number) => Promise<Result>;

/** The longest `Retry-After` after which a request is retried. */
const MAX_RETRY_AFTER_S = 30;

const BASE_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5_000;

/**
 * Makes attempts until one succeeds or fails permanently. Waits between them for `Retry-After` plus exponential backoff
 * with full jitter (AWS Builders' Library, "Timeouts, retries, and backoff with jitter").
 *
 * @throws ApiError of the last attempt
 */
export async function retry<Result>(
  attempt: Attempt<Result>,
  { retries, timeout, signal }: RetryOptions,
): Promise<Result> {
  for (let retryCount = 0; ; retryCount += 1) {
    try {
      return await runWithTimeout((attemptSignal) => attempt(attemptSignal, retryCount), timeout, signal);
    } catch (error) {
      if (!isTransient(error) || retryCount === retries) throw error;
      const { retryAfter = 0 } = error;
      if (retryAfter > MAX_RETRY_AFTER_S) throw error;
      const backoffMs = Math.random() * Math.min(BASE_BACKOFF_MS * 2 ** retryCount, MAX_BACKOFF_MS);
      await sleep(retryAfter * 1000 + backoffMs, signal);
    }
  }
}

/** Returns whether a later attempt may succeed. The service or a gateway may send the status codes. */
function isTransient(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  const { type, status } = error;
  return type === "network-error" || status === 502 || status === 503 || status === 504;
}

async function runWithTimeout<Result>(
  run: (signal: AbortSignal) => Promise<Result>,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Result> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason);
  const timeoutError = new DOMException(`There was no complete response within ${timeout} ms.`, "TimeoutError");
  const timer = setTimeout(() => controller.abort(timeoutError), timeout);
  signal?.addEventListener("abort", onAbort);
  // A custom `fetch` may ignore its signal.
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener("abort", () => reject(controller.signal.reason as Error));
  });
  try {
    return await Promise.race([run(controller.signal), aborted]);
  } catch (error) {
    if (error !== timeoutError) throw error;
    throw new ApiError("network-error", timeoutError.message, { cause: timeoutError });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

async function sleep(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", settle);
      if (signal?.aborted) reject(signal.reason as Error);
      else resolve();
    };
    const timer = setTimeout(settle, durationMs);
    signal?.addEventListener("abort", settle);
  });
}
