import type { KeyObject } from "node:crypto";
import { createSignature, EC, ED, RSA } from "./keys.ts";

/** The initial time of the tests' clock. */
export const NOW_S = Date.parse("2026-11-24T12:00:00Z") / 1_000;

export const AUDIENCE = "https://users.example.com";

/** The key that each algorithm uses by default. */
export const KEYS = {
  RS256: { kid: "rsa", key: RSA.privateKey },
  PS256: { kid: "rsa", key: RSA.privateKey },
  ES256: { kid: "ec", key: EC.privateKey },
  EdDSA: { kid: "ed", key: ED.privateKey },
} as const;

export interface TokenParts {
  /** Defaults to `RS256`. Also the algorithm of the signature, unless `signatureAlg` is set. */
  readonly alg?: string;
  readonly signatureAlg?: string;
  /** Members of the header, which replace the default ones. A member that is `undefined` is omitted. */
  readonly header?: object;
  readonly claims?: object;
  /** Replaces the JSON text of the header. */
  readonly headerText?: string | Uint8Array;
  readonly claimsText?: string | Uint8Array;
  readonly key?: KeyObject;
}

/** Creates tokens of an issuer. Without options a token is valid for 5 minutes, and grants `users:read`. */
export function createTokens(issuer: string) {
  const defaultClaims = {
    iss: issuer,
    sub: "billing",
    aud: AUDIENCE,
    exp: NOW_S + 300,
    iat: NOW_S - 10,
    scope: "openid users:read",
  };
  const toClaims = ({ claims }: TokenParts) => ({ ...defaultClaims, ...claims });
  const createToken = (parts: TokenParts = {}) => {
    const header = encode(parts.headerText ?? JSON.stringify(toHeader(parts)));
    const claims = encode(parts.claimsText ?? JSON.stringify(toClaims(parts)));
    return signParts(header, claims, parts);
  };
  return { toClaims, createToken };
}

export function toHeader({ alg = "RS256", header }: TokenParts) {
  const { kid } = KEYS[alg as keyof typeof KEYS] ?? KEYS.RS256;
  return { alg, typ: "at+jwt", kid, ...header };
}

/** Signs encoded parts as they are. */
export function signParts(header: string, claims: string, parts: TokenParts = {}): string {
  const { alg = "RS256", signatureAlg = alg } = parts;
  const key = parts.key ?? KEYS[signatureAlg as keyof typeof KEYS].key;
  return `${header}.${claims}.${encode(createSignature(`${header}.${claims}`, signatureAlg, key))}`;
}

export function encode(data: string | Uint8Array): string {
  return Buffer.from(data).toString("base64url");
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Sets the lowest unused bit of the last character of base64url text, which decodes to the same bytes. */
export function setTrailingBit(text: string): string {
  return text.slice(0, -1) + ALPHABET[ALPHABET.indexOf(text.at(-1)!) + 1]!;
}
