import { readServerSettings, type SettingName } from "./settings.ts";

/** The meaning of each setting. */
const MEANINGS = {
  HOST: "the address on which the server listens",
  PORT: "the port; 0 selects a free one",
  METRICS_HOST: "the address on which metrics are served",
  METRICS_PORT: "the port for metrics; without it they are not collected",
  AWS_LAMBDA_HTTP_ENDPOINT: "host:port, set by AWS Lambda for a Web Function; replaces HOST and PORT",
  USERS_STORE: "where users are stored: sqlite or dynamodb",
  SQLITE_PATH: "the database file; its folder is created",
  USERS_TABLE: "the DynamoDB table of the users",
  USERS_KEYS_TABLE: "the DynamoDB table of the API keys",
  USERS_AUTH: "auto, required or none: which requests must have a credential",
  USERS_TOKEN_ISSUER: "the issuer of access tokens; requires USERS_TOKEN_AUDIENCE",
  USERS_TOKEN_AUDIENCE: "the audience of access tokens",
  USERS_TOKEN_JWKS_URL: "the URL of the issuer's public keys; discovered by default",
  USERS_TOKEN_TYPE: "the type of access tokens: at+jwt or any",
  USERS_ALLOWED_ORIGINS: "the origins of web pages that may use the API, separated by commas",
  USERS_ALLOWED_HOSTS: "the host names of requests while the server is unauthenticated, separated by commas",
  USERS_TRUSTED_PROXIES: "the addresses or networks of proxies that forward requests, separated by commas",
  LOG_LEVEL: "silent, fatal, error, warn, info or debug",
} as const satisfies Record<SettingName, string>;

/** Formats the help text of the server: its options and settings, with their defaults. */
export function formatHelp(): string {
  const defaults: Partial<Record<SettingName, unknown>> = readServerSettings({});
  const width = Math.max(...Object.keys(MEANINGS).map((name) => name.length));
  const lines = Object.entries(MEANINGS).map(([name, meaning]) => {
    const value = defaults[name as SettingName];
    const isText = typeof value === "string" || typeof value === "number";
    return `  ${name.padEnd(width)}  ${meaning}${isText ? ` (${value})` : ""}`;
  });
  return `Usage: main.js [--help | --healthcheck]

Starts the user management service. --healthcheck exits with 0 if the server with these settings is alive, or else with 1.

Settings, which are environment variables, with their defaults in parentheses:

${lines.join("\n")}

DynamoDB also has the settings of the AWS SDK, such as AWS_REGION.
`;
}
