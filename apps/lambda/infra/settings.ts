import type { Node } from "constructs";
import { readSettings } from "../src/settings.ts";

/** What a deployment can choose, by `-c name=value`. */
export interface DeploySettings {
  /** API Gateway's kind of API. */
  readonly api: "rest" | "http";
  /** A table that exists, to be used as it is; without it the stack makes one. */
  readonly table?: string;
  readonly xray: boolean;
  /** An SNS topic that is told when an alarm goes off, and when it is over. */
  readonly alarmTopic?: string;
  /** Settings that the function is given beside its table. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A setting that cannot be deployed; the message is for the person who has given it. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

const NAMES = new Set(["api", "table", "xray", "alarmTopic", "basePath", "logLevel"]);

/** @throws SettingsError that names the first setting that is wrong, or is none */
export function readDeploySettings(node: Node): DeploySettings {
  // The context's other names, which are the CDK's own, are not made of letters alone.
  const unknown = Object.keys(node.getAllContext()).find((name) => /^[a-z]+$/i.test(name) && !NAMES.has(name));
  if (unknown !== undefined) throw new SettingsError(`${unknown} is not a setting: ${[...NAMES].join(", ")} are`);
  const api = choice("api", ["rest", "http"]) ?? "rest";
  const xray = choice("xray", ["on", "off"]) === "on";
  const table = text("table");
  const alarmTopic = text("alarmTopic");
  if (alarmTopic !== undefined && !/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/.test(alarmTopic)) {
    throw new SettingsError("alarmTopic must be the ARN of an SNS topic");
  }
  const environment = given({ BASE_PATH: text("basePath"), LOG_LEVEL: text("logLevel") });
  refuseWhatTheFunctionWould({ ...environment, ...given({ USERS_TABLE: table }) });
  return { api, xray, environment, ...given({ table, alarmTopic }) };

  function text(name: string): string | undefined {
    const value: unknown = node.tryGetContext(name);
    if (value === undefined || (typeof value === "string" && value !== "")) return value;
    throw new SettingsError(`${name} must be a text that is not empty`);
  }

  function choice<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const value = text(name);
    if (value === undefined) return undefined;
    const chosen = values.find((one) => one === value);
    if (chosen === undefined) throw new SettingsError(`${name} must be ${values.join(" or ")}`);
    return chosen;
  }
}

/** By its own rules, so that a wrong setting stops the deployment and not the deployed function. */
function refuseWhatTheFunctionWould(environment: NodeJS.ProcessEnv): void {
  try {
    readSettings(environment);
  } catch (error) {
    throw new SettingsError((error as Error).message, { cause: error });
  }
}

function given<Name extends string>(values: Record<Name, string | undefined>): Partial<Record<Name, string>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<
    Record<Name, string>
  >;
}
