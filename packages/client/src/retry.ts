import { ApiError } from "./api-error.ts";

export interface RetryOptions {
  /** How often a request is repeated at most. */
  readonly retries: number;
  /** What an attempt may take until its whole answer is there, in milliseconds. */
  readonly timeout: number;
  /** Ends it all: the promise rejects at once with the signal's reason. */
  readonly signal: AbortSignal | undefined;
}

/** The longest `Retry-After` that is waited for, in seconds. */
const PATIENCE = 30;

/** One attempt, told how many were made before it. Its signal ends it. */
export type Attempt<Answer> = (signal: AbortSignal, earlier: number) => Promise<Answer>;

/**
 * Does what `attempt` does, and again while it may go better. Between two attempts it waits for a random part of a
 * time that doubles, from 250 ms to 5 s, after whatever `Retry-After` says. Who is told to wait for more than 30
 * seconds is not kept waiting.
 *
 * @throws ApiError of the last attempt
 */
export async function retry<Answer>(
  attempt: Attempt<Answer>,
  { retries, timeout, signal }: RetryOptions,
): Promise<Answer> {
  for (let earlier = 0; ; earlier += 1) {
    try {
      return await within(timeout, signal, (ending) => attempt(ending, earlier));
    } catch (error) {
      if (!(error instanceof ApiError) || !isTransient(error) || earlier === retries) throw error;
      const { retryAfter = 0 } = error;
      if (retryAfter > PATIENCE) throw error;
      await pause(retryAfter * 1000 + Math.random() * Math.min(250 * 2 ** earlier, 5_000), signal);
    }
  }
}

/** Whether it may go better next time: no answer, or one that says so, be it of the service or of a proxy before it. */
function isTransient({ type, status }: ApiError): boolean {
  return type === "no-answer" || status === 502 || status === 503 || status === 504;
}

async function within<Answer>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  attempt: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  const late = new DOMException(`There was no answer within ${milliseconds} ms.`, "TimeoutError");
  const timer = setTimeout(() => controller.abort(late), milliseconds);
  signal?.addEventListener("abort", abort);
  // Not left to `fetch`, which may be one that knows nothing of signals.
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener("abort", () => reject(controller.signal.reason as Error));
  });
  try {
    return await Promise.race([attempt(controller.signal), aborted]);
  } catch (error) {
    throw error === late ? new ApiError("no-answer", late.message, { cause: late }) : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) reject(signal.reason as Error);
      else resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end);
  });
}
