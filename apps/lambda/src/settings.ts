import { DEFAULT_TABLE_NAME, getDefaultKeysTableName } from "@user-management/dynamo-adapter/table";
import {
  accessSettings,
  logLevelSetting,
  readSettings,
  tableNameSchema,
  toTokenSettings,
} from "@user-management/node-platform";
import * as v from "valibot";

const SETTINGS = {
  USERS_TABLE: v.optional(tableNameSchema, DEFAULT_TABLE_NAME),
  USERS_KEYS_TABLE: v.optional(tableNameSchema),
  /** Unlike the server, a function has no default that depends on its address: every client can reach it. */
  USERS_AUTH: v.optional(v.picklist(["required", "iam", "none"], "must be required, iam or none"), "required"),
  ...accessSettings,
  /** The path that a custom domain puts before every path of the API. */
  BASE_PATH: v.optional(v.pipe(v.string(), v.regex(/^(?:\/[\w.~-]+)*$/, "must be a path such as /accounts")), ""),
  LOG_LEVEL: logLevelSetting,
};

export type Settings = ReturnType<typeof readFunctionSettings>;

/** @throws SettingsError with one line for the operator */
export function readFunctionSettings(environment: NodeJS.ProcessEnv) {
  const settings = readSettings(SETTINGS, environment);
  const { USERS_TABLE, USERS_KEYS_TABLE = getDefaultKeysTableName(USERS_TABLE) } = settings;
  return { ...settings, USERS_KEYS_TABLE, tokens: toTokenSettings(settings) };
}
