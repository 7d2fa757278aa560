/**
 * The scopes that a caller may have:
 *
 * - `users:read`: get one user by id or email
 * - `users:list`: list users
 * - `users:write`: create and update users
 * - `users:delete`: delete users
 */
export const SCOPES = ["users:read", "users:list", "users:write", "users:delete"] as const;

export type Scope = (typeof SCOPES)[number];

/** How a caller was authenticated: by an API key, an access token, AWS IAM, or not at all. */
export type AuthenticationMethod = "key" | "token" | "iam" | "none";

/** The program on whose behalf a request is made. */
export interface Caller {
  /** Identifies the caller in log records, without personal data; `undefined` for an anonymous caller. */
  readonly id: string | undefined;
  readonly auth: AuthenticationMethod;
  /** The granted scopes. A value that is not one of {@link SCOPES} grants nothing. */
  readonly scopes: readonly string[];
}

/** A caller that need not authenticate: it has every scope. */
export const ANONYMOUS_CALLER: Caller = { id: undefined, auth: "none", scopes: SCOPES };

export function hasScope({ scopes }: Caller, scope: Scope): boolean {
  return scopes.includes(scope);
}

/** The outcome of an authentication: the caller, or the reason why the request has none. */
export type Authentication =
  | { readonly caller: Caller }
  /** `expired` is returned only for a credential that was valid. A revoked key is `invalid`, as an unknown one is. */
  | { readonly rejection: "missing" | "invalid" | "expired" };

export const INVALID: Authentication = { rejection: "invalid" };
export const EXPIRED: Authentication = { rejection: "expired" };
