import { DEFAULT_TABLE_NAME } from "@user-management/dynamo-adapter/table";
import * as v from "valibot";

const settingsSchema = v.object({
  /** The DynamoDB table (AWS: "Naming rules in Amazon DynamoDB"). */
  USERS_TABLE: v.optional(
    v.pipe(v.string(), v.regex(/^[\w.-]{3,255}$/, "must be 3 to 255 letters, digits, dots, hyphens or underscores")),
    DEFAULT_TABLE_NAME,
  ),
  /** What a custom domain puts before the API's paths, such as `/accounts`. */
  BASE_PATH: v.optional(v.pipe(v.string(), v.regex(/^(?:\/[\w.~-]+)*$/, "must be a path such as /accounts")), ""),
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
 * The function's settings in these environment variables. A variable that is empty counts as not set.
 *
 * @throws Error that names every variable that is wrong, and every one that looks like ours but is none
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = v.safeParse(settingsSchema, set);
  const faults = (result.issues ?? []).map((issue) => `${v.getDotPath(issue)} ${issue.message}`);
  for (const name of Object.keys(set)) {
    if (name.startsWith("USERS_") && !Object.hasOwn(settingsSchema.entries, name))
      faults.push(`${name} is not a setting`);
  }
  if (faults.length > 0 || !result.success) throw new Error(faults.join("; "));
  return result.output;
}
