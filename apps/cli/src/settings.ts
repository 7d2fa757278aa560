import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_TABLE_NAME, getDefaultKeysTableName } from "@user-management/dynamo-adapter/table";
import { readSettings, SettingsError, storeSettings } from "@user-management/node-platform";

const REPOSITORY_ROOT = new URL("../../../", import.meta.url);

/** The settings of the server that do not concern the commands. */
const SERVER_SETTINGS = [
  "USERS_AUTH",
  "USERS_ALLOWED_HOSTS",
  "USERS_ALLOWED_ORIGINS",
  "USERS_TRUSTED_PROXIES",
  "USERS_TOKEN_ISSUER",
  "USERS_TOKEN_AUDIENCE",
  "USERS_TOKEN_JWKS_URL",
  "USERS_TOKEN_TYPE",
];

/** The store on which a command works. */
export type StoreSettings =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "dynamodb"; readonly tableName: string; readonly keysTableName: string };

/**
 * Returns the store of an option such as `--store`, or of the environment variables of the server.
 *
 * @param argument the option or argument, for messages
 * @throws SettingsError with one line for the operator
 */
export function readStoreSettings(
  option: string | undefined,
  environment = process.env,
  argument = "--store",
): StoreSettings {
  const settings = readSettings(storeSettings, environment, SERVER_SETTINGS);
  const [kind, name] = option === undefined ? [settings.USERS_STORE] : splitOption(option, argument);
  if (kind === "sqlite") {
    const path = name ?? settings.SQLITE_PATH ?? fileURLToPath(new URL("data/users.db", REPOSITORY_ROOT));
    return { kind, path };
  }
  const tableName = name ?? settings.USERS_TABLE ?? DEFAULT_TABLE_NAME;
  // A keys table of the environment belongs to the table of the environment.
  const keysTableName = name === undefined || name === settings.USERS_TABLE ? settings.USERS_KEYS_TABLE : undefined;
  return { kind: "dynamodb", tableName, keysTableName: keysTableName ?? getDefaultKeysTableName(tableName) };
}

/**
 * Returns the tables of the environment variables, even if these select SQLite.
 *
 * @throws SettingsError with one line for the operator
 */
export function readTableSettings(option: string | undefined): { tableName: string; keysTableName: string } {
  const settings = readStoreSettings(option, { ...process.env, USERS_STORE: "dynamodb" });
  if (settings.kind === "dynamodb") return settings;
  throw new SettingsError("--store must be dynamodb:TABLE for this command");
}

/** Returns the option `--store` that selects a store in any folder. */
export function formatStore(settings: StoreSettings): string {
  return settings.kind === "sqlite" ? `sqlite:${resolve(settings.path)}` : `dynamodb:${settings.tableName}`;
}

function splitOption(option: string, argument: string): [kind: "sqlite" | "dynamodb", name: string] {
  const [, kind, name] = /^(sqlite|dynamodb):(.+)$/s.exec(option) ?? [];
  if (name === undefined) throw new SettingsError(`${argument} must be sqlite:PATH or dynamodb:TABLE`);
  return [kind as "sqlite" | "dynamodb", name];
}
