import * as v from "valibot";
import { expect, test } from "vitest";
import { logLevelSetting, readSettings, tableNameSchema } from "./index.ts";

const entries = {
  USERS_TABLE: v.optional(tableNameSchema, "UsersTable"),
  LOG_LEVEL: logLevelSetting,
  PORT: v.optional(v.pipe(v.string(), v.regex(/^\d+$/, "must be a number")), "5000"),
};

test("returns the defaults if no variable is set", () => {
  expect(readSettings(entries, {})).toEqual({ USERS_TABLE: "UsersTable", LOG_LEVEL: "info", PORT: "5000" });
});

test("reads its variables and ignores those of other programs", () => {
  const environment = { USERS_TABLE: "Users.v-2_x", LOG_LEVEL: "debug", PORT: "1", HOME: "/root" };
  expect(readSettings(entries, environment)).toEqual({ USERS_TABLE: "Users.v-2_x", LOG_LEVEL: "debug", PORT: "1" });
});

test.for(["silent", "fatal", "error", "warn", "info", "debug"])("accepts the log level %s", (LOG_LEVEL) => {
  expect(readSettings(entries, { LOG_LEVEL })).toMatchObject({ LOG_LEVEL });
});

test("treats an empty variable as not set", () => {
  expect(readSettings(entries, { PORT: "", LOG_LEVEL: "" })).toMatchObject({ PORT: "5000", LOG_LEVEL: "info" });
});

test("names every invalid and every unknown variable in one line", () => {
  const environment = { PORT: "x", LOG_LEVEL: "loud", USERS_TABLE: "a b", USERS_TABEL: "x" };
  expect(() => readSettings(entries, environment)).toThrow(
    expect.objectContaining({
      name: "SettingsError",
      message:
        "USERS_TABLE must be 3 to 255 letters, digits, dots, hyphens or underscores; " +
        "LOG_LEVEL must be one of silent, fatal, error, warn, info, debug; PORT must be a number; " +
        "USERS_TABEL is not a setting",
    }),
  );
});
