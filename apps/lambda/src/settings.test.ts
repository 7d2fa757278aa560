import { expect, test } from "vitest";
import { readFunctionSettings } from "./settings.ts";

test("returns the defaults if no variable is set", () => {
  expect(readFunctionSettings({})).toEqual({ USERS_TABLE: "UsersTable", BASE_PATH: "", LOG_LEVEL: "info" });
});

test.for(["/accounts", "/api/v1", "/~users.v-2_x"])("accepts the base path %s", (BASE_PATH) => {
  expect(readFunctionSettings({ BASE_PATH })).toMatchObject({ BASE_PATH });
});

test.for(["accounts", "/", "/accounts/", "/a b", "/a?b"])("rejects the base path %j", (BASE_PATH) => {
  expect(() => readFunctionSettings({ BASE_PATH })).toThrow("BASE_PATH must be a path such as /accounts");
});

test("names every invalid and every unknown variable in one line", () => {
  expect(() => readFunctionSettings({ BASE_PATH: "accounts", LOG_LEVEL: "loud", USERS_TABEL: "x" })).toThrow(
    "BASE_PATH must be a path such as /accounts; LOG_LEVEL must be one of silent, fatal, error, warn, info, debug; USERS_TABEL is not a setting",
  );
});
