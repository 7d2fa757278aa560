import { join } from "node:path";
import { expect, test } from "vitest";
import { readServerSettings } from "./settings.ts";

test("defaults to a server on loopback and an embedded database", () => {
  expect(readServerSettings({})).toEqual({
    HOST: "127.0.0.1",
    PORT: 5000,
    USERS_STORE: "sqlite",
    SQLITE_PATH: join(import.meta.dirname, "../../../data/users.db"),
    USERS_TABLE: "UsersTable",
    LOG_LEVEL: "info",
  });
});

test("reads each setting from its variable and ignores those of other programs", () => {
  const settings = {
    HOST: "::1",
    PORT: "0",
    USERS_STORE: "dynamodb",
    SQLITE_PATH: "/tmp/u.db",
    USERS_TABLE: "Users.v-2_x",
    LOG_LEVEL: "silent",
  };
  expect(readServerSettings({ ...settings, HOME: "/root", SQLITE_TMPDIR: "/tmp" })).toEqual({ ...settings, PORT: 0 });
});

test.for(["silent", "fatal", "error", "warn", "info", "debug"])("accepts the log level %s", (LOG_LEVEL) => {
  expect(readServerSettings({ LOG_LEVEL })).toMatchObject({ LOG_LEVEL });
});

test("treats an empty variable as not set", () => {
  expect(readServerSettings({ PORT: "", USERS_STORE: "" })).toMatchObject({ PORT: 5000, USERS_STORE: "sqlite" });
});

test.for([
  [{ PORT: "http" }, "PORT must be a whole number from 0 to 65535"],
  [{ PORT: "65536" }, "PORT must be a whole number from 0 to 65535"],
  [{ PORT: "-1" }, "PORT must be a whole number from 0 to 65535"],
  [{ PORT: "5000.5" }, "PORT must be a whole number from 0 to 65535"],
  [{ USERS_STORE: "mysql" }, "USERS_STORE must be sqlite or dynamodb"],
  [{ USERS_TABLE: "a b" }, "USERS_TABLE must be 3 to 255 letters, digits, dots, hyphens or underscores"],
  [{ AWS_LAMBDA_HTTP_ENDPOINT: "8080" }, "AWS_LAMBDA_HTTP_ENDPOINT must be host:port"],
  [{ LOG_LEVEL: "verbose" }, "LOG_LEVEL must be one of silent, fatal, error, warn, info, debug"],
  [{ USERS_TABEL: "Users" }, "USERS_TABEL is not a setting"],
  [
    { PORT: "x", LOG_LEVEL: "y" },
    "PORT must be a whole number from 0 to 65535; LOG_LEVEL must be one of silent, fatal, error, warn, info, debug",
  ],
] as const)("rejects %j with one line that names it", ([environment, message]) => {
  expect(() => readServerSettings(environment)).toThrow(expect.objectContaining({ name: "SettingsError", message }));
});
