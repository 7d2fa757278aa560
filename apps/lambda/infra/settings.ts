import { SettingsError } from "@user-management/node-platform";
import type { Node } from "constructs";
import { readFunctionSettings } from "../src/settings.ts";

/** The settings of a deployment: the CDK context, `-c name=value`. */
export interface DeploySettings {
  /** The kind of API that API Gateway serves. */
  readonly api: "rest" | "http";
  /** How callers are authenticated. With `iam` the API also requires every request to be signed. */
  readonly auth: "required" | "iam" | "none";
  /** The name of an existing users table. Without it the stack creates one. */
  readonly table?: string;
  /** The name of an existing table of API keys. Without it the stack creates one. */
  readonly keysTable?: string;
  readonly xray: boolean;
  /** The ARN of an SNS topic that is notified when an alarm goes off and when it is over. */
  readonly alarmTopic?: string;
  /** The environment variables of the function besides those of the tables. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The settings of the deployment that are variables of the function. */
const VARIABLES = {
  auth: "USERS_AUTH",
  tokenIssuer: "USERS_TOKEN_ISSUER",
  tokenAudience: "USERS_TOKEN_AUDIENCE",
  tokenJwksUrl: "USERS_TOKEN_JWKS_URL",
  tokenType: "USERS_TOKEN_TYPE",
  allowedOrigins: "USERS_ALLOWED_ORIGINS",
  basePath: "BASE_PATH",
  logLevel: "LOG_LEVEL",
};

const NAMES = ["api", "table", "keysTable", "xray", "alarmTopic", ...Object.keys(VARIABLES)];

/** @throws SettingsError with one line for the operator */
export function readDeploySettings(node: Node): DeploySettings {
  // The names of the CDK's own context values contain characters other than letters.
  const unknown = Object.keys(node.getAllContext()).find((name) => /^[a-z]+$/i.test(name) && !NAMES.includes(name));
  if (unknown !== undefined) {
    throw new SettingsError(`${unknown} is not a setting; the settings are ${NAMES.join(", ")}`);
  }
  const api = readChoice("api", ["rest", "http"]) ?? "rest";
  const xray = readChoice("xray", ["on", "off"]) === "on";
  const table = readText("table");
  const keysTable = readText("keysTable");
  const alarmTopic = readText("alarmTopic");
  if (alarmTopic !== undefined && !/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/.test(alarmTopic)) {
    throw new SettingsError("alarmTopic must be the ARN of an SNS topic");
  }
  const environment: Record<string, string> = {};
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const value = readText(name);
    if (value !== undefined) environment[variable] = value;
  }
  // The rules of the function apply, so that an invalid setting stops the deployment and not the deployed function.
  const tables = omitUndefined({ USERS_TABLE: table, USERS_KEYS_TABLE: keysTable });
  const { USERS_AUTH: auth, USERS_ALLOWED_ORIGINS: origins } = readFunctionSettings({ ...environment, ...tables });
  if (auth === "iam" && origins.length > 0) {
    throw new SettingsError("allowedOrigins needs another auth than iam: browsers do not sign preflight requests");
  }
  return { api, auth, xray, environment, ...omitUndefined({ table, keysTable, alarmTopic }) };

  function readText(name: string): string | undefined {
    const value: unknown = node.tryGetContext(name);
    if (value === undefined || (typeof value === "string" && value !== "")) return value;
    throw new SettingsError(`${name} must be a non-empty string`);
  }

  function readChoice<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const text = readText(name);
    if (text === undefined) return undefined;
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) throw new SettingsError(`${name} must be ${values.join(" or ")}`);
    return value;
  }
}

function omitUndefined<Name extends string>(values: Record<Name, string | undefined>): Partial<Record<Name, string>> {
  const defined = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Partial<Record<Name, string>>;
}
