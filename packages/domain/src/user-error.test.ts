import { expect, test } from "vitest";
import { UserError } from "./index.ts";

test("an error of another copy of this package is a UserError as well, and nothing else is", async () => {
  const copy = "./user-error.ts?copy";
  const other = (await import(copy)) as { UserError: typeof UserError };
  expect(other.UserError).not.toBe(UserError);
  const error: unknown = new other.UserError("not-found");
  expect(error).toBeInstanceOf(UserError);
  expect(error).toBeInstanceOf(Error);
  expect(new UserError("not-found")).toBeInstanceOf(other.UserError);
  for (const value of [new Error("not-found"), { code: "not-found" }, "UserError", null, undefined, () => undefined]) {
    expect(value instanceof UserError).toBe(false);
  }
});
