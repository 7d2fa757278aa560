import { describe, expect, test } from "vitest";
import { isUserError, USER_ERROR_CODES, USER_ERROR_MESSAGES, UserError } from "./index.ts";

describe("isUserError", () => {
  test("recognizes a UserError", () => {
    expect(isUserError(new UserError("not-found"))).toBe(true);
  });

  test("recognizes a UserError of another copy of this package", async () => {
    const copy = "./errors.ts?copy";
    const other = (await import(copy)) as typeof import("./errors.ts");
    expect(other.UserError).not.toBe(UserError);
    const error = new other.UserError("not-found");
    expect(error).not.toBeInstanceOf(UserError);
    expect(error).toBeInstanceOf(Error);
    expect(isUserError(error)).toBe(true);
    expect(other.isUserError(new UserError("not-found"))).toBe(true);
  });

  test.for([
    ["another error", new Error("not-found")],
    ["an error of another class with a code", Object.assign(new Error("not-found"), { code: "not-found" })],
    ["an error of that name without a code", Object.assign(new Error("not-found"), { name: "UserError" })],
    ["an object that is not an error", { name: "UserError", code: "not-found" }],
    ["a string", "UserError"],
    ["null", null],
    ["undefined", undefined],
    ["a function", () => undefined],
    ["the class itself", UserError],
  ] as const)("does not recognize %s", ([, value]) => {
    expect(isUserError(value)).toBe(false);
  });
});

describe("UserError", () => {
  test.for(USER_ERROR_CODES)("has a sentence as the default message of %s", (code) => {
    const error = new UserError(code);
    expect(error).toMatchObject({ name: "UserError", code, message: USER_ERROR_MESSAGES[code] });
    expect(error.message).toMatch(/^[A-Z].*[^.]\.$/);
  });

  test("has a message for every code and for no other", () => {
    expect(Object.keys(USER_ERROR_MESSAGES)).toEqual([...USER_ERROR_CODES]);
    expect(new Set(Object.values(USER_ERROR_MESSAGES)).size).toBe(USER_ERROR_CODES.length);
  });

  test("has no issues, no current version and no cause by default", () => {
    const error = new UserError("unavailable");
    expect(error.issues).toEqual([]);
    expect(error.currentVersion).toBeUndefined();
    expect(Object.keys(error)).not.toContain("cause");
    expect("cause" in error).toBe(false);
  });

  test("keeps the message, the issues, the current version and the cause", () => {
    const cause = new Error("The disk is full.");
    const issues = [{ pointer: "#/lastname", code: "required", detail: "is required" }] as const;
    const options = { message: "The disk of the user store is full.", issues, currentVersion: 7, cause };
    expect(new UserError("unavailable", options)).toMatchObject(options);
  });
});
