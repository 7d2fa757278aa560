import { fileURLToPath } from "node:url";
import { DEFAULT_TABLE_NAME, getDefaultKeysTableName } from "@user-management/dynamo-adapter/table";
import {
  accessSettings,
  listSchema,
  logLevelSetting,
  readSettings,
  SettingsError,
  storeSettings,
  tableNameSchema,
} from "@user-management/node-platform";
import * as v from "valibot";
import { createNetworks } from "./server/networks.ts";

const REPOSITORY_ROOT = new URL("../../../", import.meta.url);

const PORT_RULE = "must be a whole number from 0 to 65535";

/** `uri-host` of RFC 9110 section 7.2. */
const HOST_NAME = /^(?:[\w.-]+|\[[\da-f:.]+\])$/i;

function areNetworks(entries: string[]): boolean {
  try {
    createNetworks(entries);
    return true;
  } catch {
    return false;
  }
}

const portSchema = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/, PORT_RULE),
  v.transform(Number),
  v.maxValue(65_535, PORT_RULE),
);

const SETTINGS = {
  HOST: v.optional(v.string(), "127.0.0.1"),
  /** The port; 0 selects a free one. */
  PORT: v.optional(portSchema, "5000"),
  /** Where metrics are served. Without a port they are not collected. */
  METRICS_HOST: v.optional(v.string(), "127.0.0.1"),
  METRICS_PORT: v.optional(portSchema),
  /** `host:port`, set by Lambda for a Web Function; it replaces HOST and PORT. */
  AWS_LAMBDA_HTTP_ENDPOINT: v.optional(v.pipe(v.string(), v.regex(/^.+:\d{1,5}$/, "must be host:port"))),
  ...storeSettings,
  SQLITE_PATH: v.optional(v.string(), fileURLToPath(new URL("data/users.db", REPOSITORY_ROOT))),
  USERS_TABLE: v.optional(tableNameSchema, DEFAULT_TABLE_NAME),
  ...accessSettings,
  USERS_AUTH: v.optional(v.picklist(["auto", "required", "none"], "must be auto, required or none"), "auto"),
  /** The host names of requests, besides those of loopback addresses, while the server is unauthenticated. */
  USERS_ALLOWED_HOSTS: v.optional(
    v.pipe(
      listSchema,
      v.check((names) => names.every((name) => HOST_NAME.test(name)), "must be host names without scheme and port"),
    ),
    "",
  ),
  /** The addresses of proxies whose `X-Forwarded-For` identifies the client. */
  USERS_TRUSTED_PROXIES: v.optional(
    v.pipe(listSchema, v.check(areNetworks, "must be IP addresses or networks such as 10.0.0.0/8")),
    "",
  ),
  LOG_LEVEL: logLevelSetting,
};

export type SettingName = keyof typeof SETTINGS;

export type Settings = ReturnType<typeof readServerSettings>;

/** @throws SettingsError with one line for the operator */
export function readServerSettings(environment: NodeJS.ProcessEnv) {
  const settings = readSettings(SETTINGS, environment);
  const { PORT, METRICS_PORT } = settings;
  if (METRICS_PORT !== undefined && METRICS_PORT !== 0 && METRICS_PORT === PORT) {
    throw new SettingsError("METRICS_PORT must not be PORT: clients of the API must not read the metrics");
  }
  const { USERS_TABLE, USERS_KEYS_TABLE = getDefaultKeysTableName(USERS_TABLE) } = settings;
  return { ...settings, USERS_KEYS_TABLE };
}
