import * as v from "valibot";

/** A setting that is invalid or unknown. The message is one line for the operator. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** Variables that begin with this prefix belong to this service, so an unknown one is an error. */
const PREFIX = "USERS_";

const LOG_LEVELS = ["silent", "fatal", "error", "warn", "info", "debug"] as const;

/** The setting of the log level. */
export const logLevelSetting = v.optional(v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`), "info");

/** The name of a DynamoDB table (AWS: "Naming rules in Amazon DynamoDB"). */
export const tableNameSchema = v.pipe(
  v.string(),
  v.regex(/^[\w.-]{3,255}$/, "must be 3 to 255 letters, digits, dots, hyphens or underscores"),
);

/** The settings of the store, which the server and the commands share. `SQLITE_PATH` has a default in each of them. */
export const storeSettings = {
  USERS_STORE: v.optional(v.picklist(["sqlite", "dynamodb"], "must be sqlite or dynamodb"), "sqlite"),
  SQLITE_PATH: v.optional(v.string()),
  USERS_TABLE: v.optional(tableNameSchema),
  USERS_KEYS_TABLE: v.optional(tableNameSchema),
};

/**
 * Reads settings from environment variables. An empty variable counts as not set.
 *
 * @param otherNames the names of settings that only other programs of this service have
 * @param entries the schema of each variable; the message of a rule is read after the name: "must be host:port"
 * @throws SettingsError that names every invalid variable and every unknown one with the prefix `USERS_`
 */
export function readSettings<Entries extends v.ObjectEntries>(
  entries: Entries,
  environment: NodeJS.ProcessEnv,
  otherNames: readonly string[] = [],
): v.InferOutput<v.ObjectSchema<Entries, undefined>> {
  const variables = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = v.safeParse(v.object(entries), variables);
  const problems = (result.issues ?? []).map((issue) => `${v.getDotPath(issue)} ${issue.message}`);
  for (const name of Object.keys(variables)) {
    const isKnown = Object.hasOwn(entries, name) || otherNames.includes(name);
    if (name.startsWith(PREFIX) && !isKnown) problems.push(`${name} is not a setting`);
  }
  if (problems.length > 0 || !result.success) throw new SettingsError(problems.join("; "));
  return result.output;
}
