import { DEFAULT_TABLE_NAME } from "@user-management/dynamo-adapter/table";
import { logLevelSetting, readSettings, tableNameSchema } from "@user-management/node-platform";
import * as v from "valibot";

const SETTINGS = {
  USERS_TABLE: v.optional(tableNameSchema, DEFAULT_TABLE_NAME),
  /** The path that a custom domain puts before every path of the API. */
  BASE_PATH: v.optional(v.pipe(v.string(), v.regex(/^(?:\/[\w.~-]+)*$/, "must be a path such as /accounts")), ""),
  LOG_LEVEL: logLevelSetting,
};

export type Settings = ReturnType<typeof readFunctionSettings>;

/** @throws SettingsError with one line for the operator */
export function readFunctionSettings(environment: NodeJS.ProcessEnv) {
  return readSettings(SETTINGS, environment);
}
