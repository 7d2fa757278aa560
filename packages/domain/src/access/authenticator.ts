import { ANONYMOUS_CALLER, INVALID, type Authentication } from "./caller.ts";
import type { ApiKeyList } from "./api-key-list.ts";
import { API_KEY_PREFIX } from "./api-key.ts";
import type { TokenVerifier } from "./token-verifier.ts";

/**
 * Which requests must be authenticated:
 *
 * - `required`: all
 * - `until-first-key`: all, once a key has been created; until then every caller is anonymous
 * - `none`: no request; credentials are ignored
 */
export type AuthenticationMode = "required" | "until-first-key" | "none";

export interface Authenticator {
  /**
   * Identifies the caller of a request by its credential: an API key or an access token. Returns a promise only if that
   * takes a read or a signature.
   *
   * @param credential the credential of the request; `undefined` if it has none, any other text if it is malformed
   * @throws UserError `unavailable`, also asynchronously, if neither keys nor the issuer's keys are available
   */
  authenticate(credential: string | undefined): Authentication | Promise<Authentication>;
  /**
   * Returns whether requests without a credential are accepted.
   *
   * @throws UserError `unavailable`, also asynchronously, if it depends on keys that cannot be read
   */
  acceptsAnonymous(): boolean | Promise<boolean>;
}

export interface AuthenticatorOptions {
  readonly mode: AuthenticationMode;
  readonly keys: ApiKeyList;
  /** Access tokens are invalid without a verifier. */
  readonly tokens?: TokenVerifier | undefined;
}

const MISSING: Authentication = { rejection: "missing" };
const ANONYMOUS: Authentication = { caller: ANONYMOUS_CALLER };

export function createAuthenticator({ mode, keys, tokens }: AuthenticatorOptions): Authenticator {
  /** The first key ends anonymous access for good, even if it is deleted from the store. */
  let isClosed = mode === "required";

  return {
    authenticate(credential) {
      if (mode === "none") return ANONYMOUS;
      const authentication = authenticateCredential(credential);
      if (isClosed) return authentication;
      return then(authentication, (result) => {
        if ("rejection" in result) return then(acceptsAnonymous(), (isAnonymous) => (isAnonymous ? ANONYMOUS : result));
        if (result.caller.auth === "key") isClosed = true;
        return result;
      });
    },

    acceptsAnonymous,
  };

  function authenticateCredential(credential: string | undefined): Authentication | Promise<Authentication> {
    if (credential === undefined) return MISSING;
    if (credential.startsWith(API_KEY_PREFIX)) return keys.authenticate(credential);
    return tokens ? tokens.verify(credential) : INVALID;
  }

  function acceptsAnonymous(): boolean | Promise<boolean> {
    if (mode === "none") return true;
    if (isClosed) return false;
    return then(keys.isEmpty(), (isEmpty) => {
      if (!isEmpty) isClosed = true;
      return isEmpty;
    });
  }
}

/** Continues synchronously with a value, and asynchronously with a promise. */
function then<Value, Result>(
  value: Value | Promise<Value>,
  use: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(use) : use(value);
}
