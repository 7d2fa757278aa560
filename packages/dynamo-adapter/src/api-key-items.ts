import { SCOPES, type ApiKeyRecord } from "@user-management/domain";
import type { Item } from "./items.ts";

/** Replaces a stored time that is invalid. A key that expires at it, or is revoked at it, is rejected. */
const EPOCH = "1970-01-01T00:00:00.000Z";

/** Returns the item of a new key. */
export function toApiKeyItem(key: ApiKeyRecord): Item {
  return { ...key };
}

/**
 * Returns the key in an item. An item that an operator has edited never grants more than it states: an unknown scope is
 * ignored, and a key with an invalid expiry, creation or revocation time is expired or revoked.
 */
export function toApiKey(item: Item): ApiKeyRecord {
  const scopes: unknown[] = Array.isArray(item["scopes"]) ? item["scopes"] : [];
  const created_at = toTime(item["created_at"]) ?? EPOCH;
  // The lifetime of a key without a valid creation is unknown.
  const expires_at = created_at === EPOCH ? EPOCH : toTime(item["expires_at"]);
  const last_used_at = toTime(item["last_used_at"]);
  const revoked_at = toTime(item["revoked_at"]);
  return {
    id: String(item["id"]),
    digest: toText(item["digest"]),
    name: toText(item["name"]),
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
