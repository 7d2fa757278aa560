import { join } from "node:path";
import { expect, test } from "vitest";
import { readServerSettings } from "./settings.ts";

test("defaults to a server on loopback and an embedded database", () => {
  expect(readServerSettings({})).toEqual({
    HOST: "127.0.0.1",
    PORT: 5000,
    METRICS_HOST: "127.0.0.1",
    USERS_STORE: "sqlite",
    SQLITE_PATH: join(import.meta.dirname, "../../../data/users.db"),
    USERS_TABLE: "UsersTable",
    USERS_KEYS_TABLE: "UsersTableKeys",
    USERS_AUTH: "auto",
    USERS_TOKEN_TYPE: "at+jwt",
    USERS_ALLOWED_HOSTS: [],
    USERS_ALLOWED_ORIGINS: [],
    USERS_TRUSTED_PROXIES: [],
    LOG_LEVEL: "info",
  });
});

test("reads each setting from its variable and ignores those of other programs", () => {
  const settings = {
    HOST: "::1",
    PORT: "0",
    METRICS_HOST: "::1",
    METRICS_PORT: "9464",
    USERS_STORE: "dynamodb",
    SQLITE_PATH: "/tmp/u.db",
    USERS_TABLE: "Users.v-2_x",
    USERS_KEYS_TABLE: "Keys.v-2_x",
    USERS_AUTH: "required",
    USERS_TOKEN_ISSUER: "https://issuer.example.com",
    USERS_TOKEN_AUDIENCE: "users",
    USERS_TOKEN_JWKS_URL: "https://issuer.example.com/keys",
    USERS_TOKEN_TYPE: "any",
    USERS_ALLOWED_HOSTS: "users.internal, [::1]",
    USERS_ALLOWED_ORIGINS: "https://app.example.com",
    USERS_TRUSTED_PROXIES: "10.0.0.0/8,::1",
    LOG_LEVEL: "silent",
  };
  expect(readServerSettings({ ...settings, HOME: "/root", SQLITE_TMPDIR: "/tmp" })).toEqual({
    ...settings,
    PORT: 0,
    METRICS_PORT: 9464,
    USERS_ALLOWED_HOSTS: ["users.internal", "[::1]"],
    USERS_ALLOWED_ORIGINS: ["https://app.example.com"],
    USERS_TRUSTED_PROXIES: ["10.0.0.0/8", "::1"],
  });
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
  [{ METRICS_PORT: "65536" }, "METRICS_PORT must be a whole number from 0 to 65535"],
  [{ METRICS_PORT: "5000" }, "METRICS_PORT must not be PORT: clients of the API must not read the metrics"],
  [{ USERS_STORE: "mysql" }, "USERS_STORE must be sqlite or dynamodb"],
  [{ USERS_TABLE: "a b" }, "USERS_TABLE must be 3 to 255 letters, digits, dots, hyphens or underscores"],
  [{ AWS_LAMBDA_HTTP_ENDPOINT: "8080" }, "AWS_LAMBDA_HTTP_ENDPOINT must be host:port"],
  [{ LOG_LEVEL: "verbose" }, "LOG_LEVEL must be one of silent, fatal, error, warn, info, debug"],
  [{ USERS_AUTH: "iam" }, "USERS_AUTH must be auto, required or none"],
  [{ USERS_ALLOWED_HOSTS: "http://a" }, "USERS_ALLOWED_HOSTS must be host names without scheme and port"],
  [
    { USERS_TRUSTED_PROXIES: "10.0.0.0/33" },
    "USERS_TRUSTED_PROXIES must be IP addresses or networks such as 10.0.0.0/8",
  ],
  [{ USERS_TABEL: "Users" }, "USERS_TABEL is not a setting"],
  [
    { PORT: "x", LOG_LEVEL: "y" },
    "PORT must be a whole number from 0 to 65535; LOG_LEVEL must be one of silent, fatal, error, warn, info, debug",
  ],
] as const)("rejects %j with one line that names it", ([environment, message]) => {
  expect(() => readServerSettings(environment)).toThrow(expect.objectContaining({ name: "SettingsError", message }));
});
