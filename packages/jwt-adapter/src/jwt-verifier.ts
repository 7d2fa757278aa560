import { EXPIRED, INVALID, type Authentication, type TokenVerifier } from "@user-management/domain";
import { validateClaims } from "./claims.ts";
import type { FetchFunction } from "./fetch-key-set.ts";
import { createIssuerKeys } from "./issuer-keys.ts";
import { isSignedByAny, selectKeys } from "./key-set.ts";
import { parseToken, type TokenHeader, type TokenType } from "./parse-token.ts";

/** The maximum length of a token, which is that of any credential of the service. A longer one is invalid. */
const MAX_TOKEN_LENGTH = 8 * 1024;

/** The maximum time for which a verified token is not verified again, in milliseconds. */
const MAX_CACHE_TIME_MS = 60_000;

/** The maximum number of verified tokens in memory. Beyond it, the one that was verified first is evicted. */
const MAX_CACHED_TOKENS = 10_000;

/** The number of characters of the digest that identify a caller in log records: 72 bits. */
const CALLER_ID_LENGTH = 12;

export interface JwtVerifierOptions {
  /** The exact value of `iss`. Without {@link jwksUrl} the keys are discovered from it. */
  readonly issuer: string;
  /** The value that `aud` must have or contain. */
  readonly audience: string;
  /** The URL of the issuer's JWKS. Defaults to the one in the metadata of the issuer (RFC 8414, OpenID Discovery). */
  readonly jwksUrl?: string | undefined;
  readonly type: TokenType;
  /** Returns the SHA-256 of a text in base64url without padding. */
  readonly digest: (text: string) => string;
  readonly now: () => Date;
  /** Defaults to the platform's `fetch`. */
  readonly fetch?: FetchFunction | undefined;
  /** Called for a failed fetch of the keys while the previous ones are used. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export interface JwtVerifier extends TokenVerifier {
  /**
   * Fetches the keys of the issuer, unless they have been fetched. The first `verify` does the same.
   *
   * @throws UserError `unavailable`
   */
  load(): Promise<void>;
}

interface CachedToken {
  readonly authentication: Authentication;
  readonly expiresAtMs: number;
}

/** Creates a verifier of JWT access tokens (RFC 9068) of one issuer. Nothing is fetched until `load` or `verify`. */
export function createJwtVerifier(options: JwtVerifierOptions): JwtVerifier {
  const { issuer, type, digest } = options;
  const issuerKeys = createIssuerKeys(options);
  const cache = new Map<string, CachedToken>();

  return {
    async load() {
      await issuerKeys.get();
    },

    async verify(token) {
      if (token.length > MAX_TOKEN_LENGTH) return INVALID;
      const tokenDigest = digest(token);
      const cached = cache.get(tokenDigest);
      if (cached && cached.expiresAtMs > getTimeMs()) return cached.authentication;

      const parsed = parseToken(token, type);
      const grant = parsed && validateClaims(parsed.claims, options, getTimeMs());
      if (!grant || !(await isSigned(token, parsed.header))) return INVALID;
      const timeMs = getTimeMs();
      if (grant.expiresAtMs <= timeMs) return EXPIRED;

      const id = digest(JSON.stringify([issuer, grant.subject])).slice(0, CALLER_ID_LENGTH);
      const authentication = { caller: { id, auth: "token", scopes: grant.scopes } } as const;
      store(tokenDigest, { authentication, expiresAtMs: Math.min(grant.expiresAtMs, timeMs + MAX_CACHE_TIME_MS) });
      return authentication;
    },
  };

  async function isSigned(token: string, header: TokenHeader): Promise<boolean> {
    const keySet = await issuerKeys.get();
    const keys = selectKeys(keySet, header);
    if (await isSignedByAny(keys, token)) return true;
    // A newer key may have signed the token, unless its `kid` identifies a key that did not.
    if (header.kid !== undefined && keys.length > 0) return false;
    const newerSet = await issuerKeys.getNewer(keySet);
    return newerSet !== undefined && isSignedByAny(selectKeys(newerSet, header), token);
  }

  function store(tokenDigest: string, entry: CachedToken): void {
    cache.delete(tokenDigest);
    cache.set(tokenDigest, entry);
    if (cache.size > MAX_CACHED_TOKENS) cache.delete(cache.keys().next().value!);
  }

  function getTimeMs(): number {
    return options.now().getTime();
  }
}
