import { decode } from "jose/base64url";
import type { TokenClaims } from "./claims.ts";
import { ALGORITHMS, type Algorithm } from "./key-set.ts";

/** The accepted `typ` of a token: only that of RFC 9068, or also `JWT` and none. */
export type TokenType = "at+jwt" | "any";

export interface TokenHeader {
  readonly alg: Algorithm;
  /** The id of the key that signed the token. */
  readonly kid: string | undefined;
}

export interface ParsedToken {
  readonly header: TokenHeader;
  /** The claims, neither validated nor authentic. */
  readonly claims: TokenClaims;
}

/**
 * A part in base64url without padding. The unused bits of its last character are zero (RFC 4648 section 3.5), so that a
 * token has one spelling only.
 */
const PART = /^(?:[\w-]{4})*(?:[\w-]{4}|[\w-]{2}[AEIMQUYcgkosw048]|[\w-][AQgw])$/;

/** Parses a JWT in compact serialization (RFC 7515 section 7.1). Returns `undefined` if it is malformed or unsupported. */
export function parseToken(token: string, type: TokenType): ParsedToken | undefined {
  const parts = token.split(".");
  if (parts.length !== 3 || !parts.every((part) => PART.test(part))) return undefined;
  const header = parseHeader(parts[0]!, type);
  const claims = header && parseObject(parts[1]!);
  return claims && { header, claims };
}

/** The members of a header that are read. Keys and URLs of keys in a token are ignored (RFC 8725 section 3.10). */
type RawHeader = { readonly [Name in "alg" | "kid" | "typ"]?: unknown };

function parseHeader(part: string, type: TokenType): TokenHeader | undefined {
  const header: RawHeader | undefined = parseObject(part);
  // No critical extension is supported (RFC 7515 section 4.1.11), and `b64` must not be used in a JWT (RFC 7797 section 7).
  if (!header || "crit" in header || "b64" in header) return undefined;
  const { kid, typ } = header;
  const alg = ALGORITHMS.find((name) => name === header.alg);
  if (!alg || !hasAcceptedType(typ, type) || (kid !== undefined && typeof kid !== "string")) return undefined;
  return { alg, kid };
}

/** Compares media types: case-insensitively, with an optional `application/` (RFC 7515 section 4.1.9). */
function hasAcceptedType(typ: unknown, type: TokenType): boolean {
  if (typ === undefined) return type === "any";
  if (typeof typ !== "string") return false;
  const name = typ.toLowerCase().replace(/^application\//, "");
  return name === "at+jwt" || (type === "any" && name === "jwt");
}

/** Reports malformed UTF-8, and keeps a byte order mark, which no JSON text has. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the JSON object of a part, or `undefined` if it has none or a member name occurs twice (RFC 7519 section 4). */
function parseObject(part: string): object | undefined {
  let memberCount = 0;
  try {
    const text = utf8.decode(decode(part));
    const value: unknown = JSON.parse(text, function countMember(this: unknown, _name, member: unknown) {
      if (!Array.isArray(this)) memberCount += 1;
      return member;
    });
    // The outermost value counts as a member, too.
    const hasUniqueNames = countNames(text) === memberCount - 1;
    return typeof value === "object" && value && !Array.isArray(value) && hasUniqueNames ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the number of member names in a valid JSON text: its strings before a colon. */
function countNames(text: string): number {
  return Array.from(text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)).filter(([, colon]) => colon !== undefined).length;
}
