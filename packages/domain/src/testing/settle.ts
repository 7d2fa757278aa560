import { expect } from "vitest";
import { isUserError, type UserError, type UserErrorCode, type UserIssue } from "../index.ts";

/** Expects the promise to reject with a {@link UserError} of this code, and returns the error. */
export async function expectUserError(promise: Promise<unknown>, code: UserErrorCode): Promise<UserError> {
  const error: unknown = await promise.then(
    () => expect.fail(`The promise resolved instead of rejecting with ${code}.`),
    (reason: unknown) => reason,
  );
  expect(error).toSatisfy(isUserError);
  expect(error).toHaveProperty("code", code);
  return error as UserError;
}

/** Expects the function to throw an `invalid-user` error, and returns its issues. */
export function expectIssues(parse: () => unknown): readonly UserIssue[] {
  try {
    parse();
  } catch (error) {
    expect(error).toSatisfy(isUserError);
    expect(error).toHaveProperty("code", "invalid-user");
    return (error as UserError).issues;
  }
  return expect.fail("The input was accepted.");
}

/**
 * Waits for all promises, and returns the results of those that resolve and the error codes of those that reject.
 *
 * @throws the first error that is not a {@link UserError}
 */
export async function settleAll<Result>(
  promises: Iterable<Promise<Result>>,
): Promise<{ results: Result[]; codes: UserErrorCode[] }> {
  const results: Result[] = [];
  const codes: UserErrorCode[] = [];
  for (const outcome of await Promise.allSettled(promises)) {
    if (outcome.status === "fulfilled") results.push(outcome.value);
    else if (isUserError(outcome.reason)) codes.push(outcome.reason.code);
    else throw outcome.reason;
  }
  return { results, codes };
}

/** Returns an array of `count` values. `create` is called with each index. */
export function generate<Value>(count: number, create: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => create(index));
}
