import { expect } from "vitest";
import { UserError, type UserErrorCode } from "../index.ts";

/** Expects the promise to be refused with this code, and gives the error. */
export async function refusal(promise: Promise<unknown>, code: UserErrorCode): Promise<UserError> {
  const error: unknown = await promise.then(
    () => expect.fail(`resolved instead of ${code}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error).toHaveProperty("code", code);
  return error as UserError;
}

/** Waits for all, and sorts what came into results and the codes of refusals; any other failure fails the test. */
export async function outcomes<Result>(
  promises: Iterable<Promise<Result>>,
): Promise<{ results: Result[]; codes: UserErrorCode[] }> {
  const results: Result[] = [];
  const codes: UserErrorCode[] = [];
  for (const outcome of await Promise.allSettled(promises)) {
    if (outcome.status === "fulfilled") results.push(outcome.value);
    else if (outcome.reason instanceof UserError) codes.push(outcome.reason.code);
    else throw outcome.reason;
  }
  return { results, codes };
}

/** `count` results of `make`, called with 0, 1, 2 … */
export function times<Result>(count: number, make: (index: number) => Result): Result[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
