import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { readDeploySettings } from "./settings.ts";

function readContext(context: Record<string, unknown>) {
  return readDeploySettings(new App({ context }).node);
}

test("returns the defaults without a context", () => {
  expect(readContext({})).toEqual({ api: "rest", auth: "required", xray: false, environment: {} });
});

test("returns every setting", () => {
  const alarmTopic = "arn:aws:sns:eu-central-1:123456789012:operations";
  const context = {
    api: "http",
    auth: "none",
    xray: "on",
    table: "Users",
    keysTable: "Keys",
    alarmTopic,
    tokenIssuer: "https://issuer.example.com",
    tokenAudience: "users",
    tokenJwksUrl: "https://issuer.example.com/jwks",
    tokenType: "any",
    allowedOrigins: "https://app.example.com",
    basePath: "/accounts",
    logLevel: "debug",
  };
  expect(readContext(context)).toEqual({
    api: "http",
    auth: "none",
    xray: true,
    table: "Users",
    keysTable: "Keys",
    alarmTopic,
    environment: {
      USERS_AUTH: "none",
      USERS_TOKEN_ISSUER: "https://issuer.example.com",
      USERS_TOKEN_AUDIENCE: "users",
      USERS_TOKEN_JWKS_URL: "https://issuer.example.com/jwks",
      USERS_TOKEN_TYPE: "any",
      USERS_ALLOWED_ORIGINS: "https://app.example.com",
      BASE_PATH: "/accounts",
      LOG_LEVEL: "debug",
    },
  });
});

describe("rejects", () => {
  test.for<[Record<string, unknown>, string]>([
    [{ api: "soap" }, "api must be rest or http"],
    [{ api: "" }, "api must be a non-empty string"],
    [{ xray: true }, "xray must be a non-empty string"],
    [{ xray: "yes" }, "xray must be on or off"],
    [{ table: "a table" }, "USERS_TABLE must be 3 to 255 letters, digits, dots, hyphens or underscores"],
    [{ keysTable: "?" }, "USERS_KEYS_TABLE must be 3 to 255 letters, digits, dots, hyphens or underscores"],
    [{ auth: "auto" }, "USERS_AUTH must be required, iam or none"],
    [{ tokenIssuer: "https://issuer.example.com" }, "USERS_TOKEN_ISSUER and USERS_TOKEN_AUDIENCE must both be set"],
    [
      { auth: "iam", allowedOrigins: "https://app.example.com" },
      "allowedOrigins needs another auth than iam: browsers do not sign preflight requests",
    ],
    [{ basePath: "accounts" }, "BASE_PATH must be a path such as /accounts"],
    [{ logLevel: "loud" }, "LOG_LEVEL must be one of silent, fatal, error, warn, info, debug"],
    [{ alarmTopic: "operations" }, "alarmTopic must be the ARN of an SNS topic"],
    [
      { tabel: "UsersTable" },
      "tabel is not a setting; the settings are api, table, keysTable, xray, alarmTopic, auth, tokenIssuer, tokenAudience, tokenJwksUrl, tokenType, allowedOrigins, basePath, logLevel",
    ],
  ])("the context %j", ([context, message]) => {
    expect(() => readContext(context)).toThrow(expect.objectContaining({ name: "SettingsError", message }));
  });
});

test("an invalid setting stops the deployment with one line", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, "app.ts")], {
    env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ api: "soap" }) },
    encoding: "utf8",
  });
  expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: "", stderr: "deploy: api must be rest or http\n" });
});
