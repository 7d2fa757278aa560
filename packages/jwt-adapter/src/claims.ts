import { SCOPES, type Scope } from "@user-management/domain";

/** The difference that is accepted between the clocks of the issuer and of this machine, in seconds. */
const CLOCK_SKEW_S = 30;

/** The end of the year 9999. A later time is most likely one in milliseconds, so that the token would never expire. */
const MAX_TIME_S = 253_402_300_799;

/** The claims that are read. */
export type TokenClaims = { readonly [Name in ClaimName]?: unknown };

type ClaimName =
  | "iss"
  | "aud"
  | "exp"
  | "nbf"
  | "iat"
  | "sub"
  | "client_id"
  | "scope"
  | "scp"
  | "nonce"
  | "at_hash"
  | "c_hash"
  | "token_use"
  | "typ";

export interface ClaimRules {
  readonly issuer: string;
  readonly audience: string;
}

/** The content of a token with valid claims. */
export interface Grant {
  /** Identifies the caller at the issuer: a user, a service account or a client. */
  readonly subject: string;
  /** The granted scopes of this service, at least one. */
  readonly scopes: readonly Scope[];
  /** The time from which the token is rejected, clock skew included. It may have passed. */
  readonly expiresAtMs: number;
}

/** Returns what the claims grant, or `undefined` if they are invalid for another reason than an `exp` in the past. */
export function validateClaims(claims: TokenClaims, rules: ClaimRules, timeMs: number): Grant | undefined {
  const { iss, exp, nbf, iat, sub, client_id: clientId } = claims;
  if (iss !== rules.issuer || !hasAudience(claims, rules.audience) || hasIdTokenClaim(claims)) return undefined;
  if (!isTime(exp) || !isPastTime(nbf, timeMs) || !isPastTime(iat, timeMs)) return undefined;
  const subject = sub === undefined ? clientId : sub;
  const granted = listScopes(claims);
  const scopes = SCOPES.filter((scope) => granted.includes(scope));
  if (typeof subject !== "string" || subject === "" || scopes.length === 0) return undefined;
  return { subject, scopes, expiresAtMs: (exp + CLOCK_SKEW_S) * 1_000 };
}

function hasAudience({ aud }: TokenClaims, audience: string): boolean {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return audiences.every((value) => typeof value === "string") && audiences.includes(audience);
}

/**
 * Reports whether the claims are those of an ID token. It states to a client that a user has logged in, and grants no
 * access, but has the issuer, signature and often the `typ` of an access token (RFC 8725 section 2.8). Its marks are
 * `nonce`, `at_hash` and `c_hash` (OpenID Connect Core sections 2 and 3.3.2.11), `token_use` (Amazon Cognito), and a
 * claim named `typ` (Keycloak).
 */
function hasIdTokenClaim({ nonce, at_hash: atHash, c_hash: cHash, token_use: use, typ }: TokenClaims): boolean {
  return [nonce, atHash, cHash].some((claim) => claim !== undefined) || use === "id" || typ === "ID";
}

/** Reports whether a value is a NumericDate (RFC 7519 section 2): seconds since 1970, possibly with a fraction. */
function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= MAX_TIME_S;
}

/** Reports whether an optional time has passed. */
function isPastTime(value: unknown, timeMs: number): boolean {
  return value === undefined || (isTime(value) && (value - CLOCK_SKEW_S) * 1_000 <= timeMs);
}

/** Returns the values of `scope` (RFC 9068 section 2.2.3), or of the `scp` of issuers that do not send `scope`. */
function listScopes({ scope, scp }: TokenClaims): readonly unknown[] {
  if (scope === undefined && Array.isArray(scp)) return scp;
  const text = scope === undefined ? scp : scope;
  return typeof text === "string" ? text.split(" ") : [];
}
