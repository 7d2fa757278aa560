/** The error of a request that has not been handled by its deadline. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/**
 * Runs work with a signal that aborts after `timeoutMs`, and stops waiting for it then.
 *
 * @throws DeadlineError, also the reason of the signal, if the work takes longer
 */
export function runWithDeadline<Result>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const error = new DeadlineError(`The request exceeded its deadline of ${Math.round(timeoutMs)} ms.`);
      controller.abort(error);
      reject(error);
    }, timeoutMs);
    work(controller.signal).then(
      (result) => {
        clearTimeout(timer);
        resolve(result);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
