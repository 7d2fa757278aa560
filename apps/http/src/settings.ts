import { fileURLToPath } from "node:url";
import { DEFAULT_TABLE_NAME } from "@user-management/dynamo-adapter/table";
import { logLevelSetting, readSettings, tableNameSchema } from "@user-management/node-platform";
import * as v from "valibot";

const REPOSITORY_ROOT = new URL("../../../", import.meta.url);

const PORT_RULE = "must be a whole number from 0 to 65535";

const SETTINGS = {
  HOST: v.optional(v.string(), "127.0.0.1"),
  /** The port; 0 selects a free one. */
  PORT: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,5}$/, PORT_RULE), v.transform(Number), v.maxValue(65_535, PORT_RULE)),
    "5000",
  ),
  /** `host:port`, set by Lambda for a Web Function; it replaces HOST and PORT. */
  AWS_LAMBDA_HTTP_ENDPOINT: v.optional(v.pipe(v.string(), v.regex(/^.+:\d{1,5}$/, "must be host:port"))),
  USERS_STORE: v.optional(v.picklist(["sqlite", "dynamodb"], "must be sqlite or dynamodb"), "sqlite"),
  SQLITE_PATH: v.optional(v.string(), fileURLToPath(new URL("data/users.db", REPOSITORY_ROOT))),
  USERS_TABLE: v.optional(tableNameSchema, DEFAULT_TABLE_NAME),
  LOG_LEVEL: logLevelSetting,
};

export type Settings = ReturnType<typeof readServerSettings>;

/** @throws SettingsError with one line for the operator */
export function readServerSettings(environment: NodeJS.ProcessEnv) {
  return readSettings(SETTINGS, environment);
}
