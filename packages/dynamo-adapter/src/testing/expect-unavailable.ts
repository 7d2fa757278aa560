import { UserError } from "@user-management/domain";
import { expect } from "vitest";

/** The maximum duration of an operation during an outage. */
const MAX_DURATION_MS = 5_000;

/** Expects every operation to reject with `unavailable` in time, and returns the error messages. */
export async function expectUnavailable(operations: Record<string, () => Promise<unknown>>): Promise<string[]> {
  const start = performance.now();
  const errors = Object.entries(operations).map(async ([name, operation]) => {
    const error: unknown = await operation().then(
      () => expect.fail(`The operation succeeded: ${name}.`),
      (reason: unknown) => reason,
    );
    expect(error, name).toBeInstanceOf(UserError);
    expect(error, name).toMatchObject({ code: "unavailable" });
    return (error as UserError).message;
  });
  const messages = await Promise.all(errors);
  expect(performance.now() - start).toBeLessThan(MAX_DURATION_MS);
  return messages;
}
