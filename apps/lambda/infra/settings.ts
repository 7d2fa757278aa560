import { SettingsError } from "@user-management/node-platform";
import type { Node } from "constructs";
import { readFunctionSettings } from "../src/settings.ts";

/** The settings of a deployment: the CDK context, `-c name=value`. */
export interface DeploySettings {
  /** The kind of API that API Gateway serves. */
  readonly api: "rest" | "http";
  /** The name of an existing table. Without it the stack creates one. */
  readonly table?: string;
  readonly xray: boolean;
  /** The ARN of an SNS topic that is notified when an alarm goes off and when it is over. */
  readonly alarmTopic?: string;
  /** The environment variables of the function besides `USERS_TABLE`. */
  readonly environment: Readonly<Record<string, string>>;
}

const NAMES = ["api", "table", "xray", "alarmTopic", "basePath", "logLevel"];

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
  const alarmTopic = readText("alarmTopic");
  if (alarmTopic !== undefined && !/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/.test(alarmTopic)) {
    throw new SettingsError("alarmTopic must be the ARN of an SNS topic");
  }
  const environment = omitUndefined({ BASE_PATH: readText("basePath"), LOG_LEVEL: readText("logLevel") });
  // The rules of the function apply, so that an invalid setting stops the deployment and not the deployed function.
  readFunctionSettings({ ...environment, ...omitUndefined({ USERS_TABLE: table }) });
  return { api, xray, environment, ...omitUndefined({ table, alarmTopic }) };

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
