import { getApiKeyState, type ApiKeyRecord, type AuthenticationMode } from "@user-management/domain";

/** Keys that expire within this time are named at the start. */
const EXPIRY_NOTICE_MS = 14 * 24 * 3_600_000;

/** The maximum number of keys that a warning names. */
const MAX_NAMED_KEYS = 10;

const CREATE_KEY =
  "npx pnpm userctl keys create --name NAME --scopes users:read,users:list,users:write,users:delete creates one";

export interface AccessState {
  readonly mode: AuthenticationMode;
  readonly hasIssuer: boolean;
  /** All keys; `undefined` if they could not be read, or have no influence. */
  readonly keys: readonly ApiKeyRecord[] | undefined;
  readonly now: Date;
}

/** Returns what an operator should know about the access to a server that starts, one sentence each. */
export function listAccessWarnings({ mode, hasIssuer, keys, now }: AccessState): string[] {
  if (mode === "none") {
    return [
      "USERS_AUTH=none: every request has all scopes without a credential; only a gateway that authenticates callers may reach this server",
    ];
  }
  if (keys === undefined) return [];
  if (mode === "until-first-key" && keys.length === 0) {
    return [`requests need no credential until the first API key exists; ${CREATE_KEY}`];
  }
  const activeKeys = keys.filter((key) => getApiKeyState(key, now.toISOString()) === "active");
  if (activeKeys.length === 0 && !hasIssuer)
    return [`every request is rejected until an API key exists; ${CREATE_KEY}`];
  return listExpiring(activeKeys, now);
}

function listExpiring(activeKeys: readonly ApiKeyRecord[], now: Date): string[] {
  const limit = new Date(now.getTime() + EXPIRY_NOTICE_MS).toISOString();
  const expiring = activeKeys
    .flatMap(({ id, name, expires_at }) =>
      expires_at !== undefined && expires_at <= limit ? [{ id, name, expires_at }] : [],
    )
    .toSorted((left, right) => (left.expires_at < right.expires_at ? -1 : 1));
  if (expiring.length === 0) return [];
  const named = expiring.slice(0, MAX_NAMED_KEYS);
  const list = named.map(({ id, name, expires_at }) => `${id} (${name}) on ${expires_at.slice(0, 10)}`).join(", ");
  const others = expiring.length > named.length ? `, and ${expiring.length - named.length} more` : "";
  return [`API keys expire within 14 days: ${list}${others}; userctl keys rotate ID replaces one`];
}
