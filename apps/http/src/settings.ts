import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { DEFAULT_TABLE_NAME } from "@user-management/dynamo-adapter/table";
import { StartError } from "./start-error.ts";

const PREFIX = "USERS_";

const repositoryRoot = new URL("../../../", import.meta.url);

const settingsSchema = v.object({
  /** Where the server listens. */
  HOST: v.optional(v.string(), "127.0.0.1"),
  /** The port; 0 for any that is free. */
  PORT: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,5}$/, "must be a whole number from 0 to 65535"),
      v.transform(Number),
      v.maxValue(65_535, "must be a whole number from 0 to 65535"),
    ),
    "5000",
  ),
  /** Set where the server runs as a Lambda Web Function: the address to listen on instead, `host:port`. */
  AWS_LAMBDA_HTTP_ENDPOINT: v.optional(v.pipe(v.string(), v.regex(/^.+:\d{1,5}$/, "must be host:port"))),
  USERS_STORE: v.optional(v.picklist(["sqlite", "dynamodb"], "must be sqlite or dynamodb"), "sqlite"),
  /** The embedded database file. */
  SQLITE_PATH: v.optional(v.string(), fileURLToPath(new URL("data/users.db", repositoryRoot))),
  /** The DynamoDB table (AWS: "Naming rules in Amazon DynamoDB"). */
  USERS_TABLE: v.optional(
    v.pipe(v.string(), v.regex(/^[\w.-]{3,255}$/, "must be 3 to 255 letters, digits, dots, hyphens or underscores")),
    DEFAULT_TABLE_NAME,
  ),
  LOG_LEVEL: v.optional(
    v.picklist(
      ["silent", "fatal", "error", "warn", "info", "debug"],
      "must be one of silent, fatal, error, warn, info, debug",
    ),
    "info",
  ),
});

export type Settings = v.InferOutput<typeof settingsSchema>;

/**
 * The settings in these environment variables. A variable that is empty counts as not set.
 *
 * @throws StartError that names every variable that is wrong, and every one that looks like ours but is none
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = v.safeParse(settingsSchema, set);
  const faults = (result.issues ?? []).map((issue) => `${v.getDotPath(issue)} ${issue.message}`);
  for (const name of Object.keys(set)) {
    if (name.startsWith(PREFIX) && !Object.hasOwn(settingsSchema.entries, name))
      faults.push(`${name} is not a setting`);
  }
  if (faults.length > 0 || !result.success) throw new StartError(faults.join("; "));
  return result.output;
}
