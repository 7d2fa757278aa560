import { describe, expect, test } from "vitest";
import { readFunctionSettings } from "./settings.ts";

test("returns the defaults if no variable is set", () => {
  expect(readFunctionSettings({})).toEqual({
    USERS_TABLE: "UsersTable",
    USERS_KEYS_TABLE: "UsersTableKeys",
    USERS_AUTH: "required",
    USERS_TOKEN_TYPE: "at+jwt",
    USERS_ALLOWED_ORIGINS: [],
    BASE_PATH: "",
    LOG_LEVEL: "info",
  });
});

describe("access", () => {
  test.for(["required", "iam", "none"])("accepts USERS_AUTH=%s", (USERS_AUTH) => {
    expect(readFunctionSettings({ USERS_AUTH })).toMatchObject({ USERS_AUTH });
  });

  test.for(["auto", "off", "REQUIRED", "required,iam"])("rejects USERS_AUTH=%s", (USERS_AUTH) => {
    expect(() => readFunctionSettings({ USERS_AUTH })).toThrow("USERS_AUTH must be required, iam or none");
  });

  test("the name of the keys table follows that of the users table, unless it is set", () => {
    expect(readFunctionSettings({ USERS_TABLE: "Users" })).toMatchObject({ USERS_KEYS_TABLE: "UsersKeys" });
    const names = { USERS_TABLE: "Users", USERS_KEYS_TABLE: "Keys" };
    expect(readFunctionSettings(names)).toMatchObject(names);
  });

  test("access tokens are enabled by an issuer with an audience", () => {
    const issuer = { USERS_TOKEN_ISSUER: "https://issuer.example.com" };
    expect(readFunctionSettings({ ...issuer, USERS_TOKEN_AUDIENCE: "users" }).tokens).toEqual({
      issuer: "https://issuer.example.com",
      audience: "users",
      type: "at+jwt",
    });
    expect(() => readFunctionSettings(issuer)).toThrow("USERS_TOKEN_ISSUER and USERS_TOKEN_AUDIENCE must both be set");
  });

  test.for(["USERS_ALLOWED_HOSTS", "USERS_TRUSTED_PROXIES"])("rejects %s, a setting of the server", (name) => {
    expect(() => readFunctionSettings({ [name]: "example.com" })).toThrow(`${name} is not a setting`);
  });
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
