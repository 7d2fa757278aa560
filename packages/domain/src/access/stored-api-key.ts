import type { ApiKeyRecord } from "./api-key.ts";
import { SCOPES } from "./caller.ts";

/** The members of a key in a store. An operator may have edited them, so each may be missing or have any value. */
export type StoredApiKey = { readonly [Member in keyof ApiKeyRecord]?: unknown };

/** Replaces a stored time that is invalid. A key that expires at it, or is revoked at it, is rejected. */
const EPOCH = "1970-01-01T00:00:00.000Z";

/**
 * Returns the key that a store contains, for adapters. A key that an operator has edited never grants more than it
 * states: an unknown scope is ignored, and a key with an invalid expiry, creation or revocation time is expired or
 * revoked.
 */
export function normalizeApiKey(stored: StoredApiKey): ApiKeyRecord {
  const scopes: unknown[] = Array.isArray(stored.scopes) ? stored.scopes : [];
  const created_at = toTime(stored.created_at) ?? EPOCH;
  // The lifetime of a key without a valid creation is unknown.
  const expires_at = created_at === EPOCH ? EPOCH : toTime(stored.expires_at);
  const last_used_at = toTime(stored.last_used_at);
  const revoked_at = toTime(stored.revoked_at);
  return {
    id: toText(stored.id),
    digest: toText(stored.digest),
    name: toText(stored.name),
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
    created_at,
    ...(expires_at !== undefined && { expires_at }),
    ...(last_used_at !== undefined && { last_used_at }),
    ...(revoked_at !== undefined && { revoked_at }),
  };
}

/** Compares keys by the time of creation, then by id. */
export function compareApiKeys(left: ApiKeyRecord, right: ApiKeyRecord): number {
  const [leftOrder, rightOrder] = [left.created_at + left.id, right.created_at + right.id];
  return leftOrder < rightOrder ? -1 : 1;
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Returns a stored time, or {@link EPOCH} if it is not ISO 8601 in UTC with milliseconds and a year of four digits. */
function toTime(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string" || value.length !== EPOCH.length) return EPOCH;
  const date = new Date(value);
  return !Number.isNaN(date.getTime()) && date.toISOString() === value ? value : EPOCH;
}
