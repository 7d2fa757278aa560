import * as v from "valibot";
import { SCOPES, type Scope } from "./caller.ts";

/** A stored API key. The key itself is not stored, only its SHA-256. */
export interface ApiKeyRecord {
  /** The first 12 base62 characters of the digest. It identifies the key in commands and log records. */
  readonly id: string;
  /** The SHA-256 of the key in base64url without padding. */
  readonly digest: string;
  /** Describes the caller, such as `billing`. Several keys may have one name. */
  readonly name: string;
  /** The granted scopes, at least one. */
  readonly scopes: readonly Scope[];
  /** The time of creation, ISO 8601 in UTC with milliseconds, like all times of a key. */
  readonly created_at: string;
  /** The time from which the key is rejected; absent if it never expires. */
  readonly expires_at?: string;
  /** The last hour in which the key was used; absent if it has not been used. */
  readonly last_used_at?: string;
  /** The time at which the key was revoked. A revoked key is kept, so that the service stays closed. */
  readonly revoked_at?: string;
}

/** The maximum number of stored keys. All of them are held in memory. */
export const MAX_API_KEYS = 1_000;

export const API_KEY_PREFIX = "umk_";

const SECRET_BYTES = 32;
/** 62^43 exceeds 2^256, and 62^6 exceeds 2^32. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const ID_LENGTH = 12;

const API_KEY = new RegExp(`^${API_KEY_PREFIX}[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`);

/**
 * Generates an API key: the prefix, 256 random bits, and a checksum of both, in base62. Secret scanners recognize it by
 * `\bumk_[0-9A-Za-z]{49}\b`.
 *
 * @param randomBytes returns that many bytes of a cryptographically secure generator
 */
export function generateApiKey(randomBytes: (count: number) => Uint8Array): string {
  const secret = randomBytes(SECRET_BYTES).reduce((value, byte) => value * 256n + BigInt(byte), 0n);
  const text = API_KEY_PREFIX + encodeBase62(secret, SECRET_LENGTH);
  return text + encodeBase62(BigInt(computeCrc32(text)), CHECKSUM_LENGTH);
}

/** Reports whether a text has the form of an API key and its checksum, so that it may be one. */
export function isApiKey(text: string): boolean {
  if (!API_KEY.test(text)) return false;
  const checksum = computeCrc32(text.slice(0, -CHECKSUM_LENGTH));
  return text.endsWith(encodeBase62(BigInt(checksum), CHECKSUM_LENGTH));
}

/** Returns the id of the key with this digest. */
export function toApiKeyId(digest: string): string {
  return encodeBase62(decodeDigest(digest), SECRET_LENGTH).slice(0, ID_LENGTH);
}

/** Returns the state of a key at a time, ISO 8601. */
export function getApiKeyState(
  { expires_at, revoked_at }: ApiKeyRecord,
  time: string,
): "active" | "expired" | "revoked" {
  if (revoked_at !== undefined) return "revoked";
  return expires_at !== undefined && Date.parse(expires_at) <= Date.parse(time) ? "expired" : "active";
}

/** The name of a key; the messages are read after the name of the argument. */
export const apiKeyNameSchema = v.pipe(
  v.string("must be a string"),
  v.trim(),
  v.minLength(1, "must not be empty"),
  v.maxLength(100, "must have at most 100 characters"),
  v.regex(/^\P{C}*$/u, "must not contain control characters"),
);

/** The scopes of a key: at least one, listed explicitly. Repeated ones are removed. */
export const apiKeyScopesSchema = v.pipe(
  v.array(v.picklist(SCOPES, `must be one of ${SCOPES.join(", ")}`)),
  v.minLength(1, "must have at least one scope"),
  v.transform((scopes): readonly Scope[] => SCOPES.filter((scope) => scopes.includes(scope))),
);

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function encodeBase62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = BASE62[Number(rest % 62n)] + text;
  return text;
}

/** Returns the 256 bits in the 43 characters of base64url, the last 2 bits of which are padding. */
function decodeDigest(digest: string): bigint {
  let value = 0n;
  for (const character of digest) value = value * 64n + BigInt(BASE64URL.indexOf(character));
  return value / 4n;
}

/** CRC-32 of ASCII text (ISO 3309, as in gzip and PNG). */
function computeCrc32(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
