import { createInsufficientScope, createUnauthenticated, parseBearer } from "./bearer.ts";
import { createHttpProblem, type Problem } from "./problem.ts";
import { hasParameter } from "./query.ts";
import { createFailureThrottle } from "./throttle.ts";

/** The program that sent a request. */
export interface Caller {
  /** Identifies the caller in log records; `undefined` for an anonymous caller. */
  readonly id: string | undefined;
  /** The method of its authentication. */
  readonly auth: "key" | "token" | "iam" | "none";
  /** The scopes that it has. */
  readonly scopes: readonly string[];
}

export type Authentication = { readonly caller: Caller } | { readonly rejection: "missing" | "invalid" | "expired" };

/**
 * Identifies the caller of a request by its bearer credential: `undefined` if the request has none, an empty string if
 * it is malformed. `env` is the second argument of `fetch`.
 */
export type Authenticate<Env> = (credential: string | undefined, env: Env) => Authentication | Promise<Authentication>;

export interface AuthenticationOptions<Env> {
  readonly authenticate: Authenticate<Env>;
  /** Returns the IP address of the client, for the limit of failed authentications. By default all have one limit. */
  readonly getClientAddress?: ((env: Env) => string | undefined) | undefined;
}

/** The access that a route requires: none, an authenticated caller, or a scope of the caller. */
export interface RouteAccess {
  readonly scope: "public" | "authenticated" | (string & {});
  /** The scopes that a request with one of these query parameters requires instead. */
  readonly scopesByParameter?: Readonly<Record<string, string>> | undefined;
}

/** The caller of a public route, and of a request that is rejected. */
export const UNKNOWN_CALLER: Caller = { id: undefined, auth: "none", scopes: [] };

/**
 * Creates the function that returns the caller of a request, as a promise only if `authenticate` returns one.
 *
 * @throws Problem `unauthenticated`, or `too-many-requests` if too many requests of the address have been
 */
export function createAuthentication<Env>({ authenticate, getClientAddress }: AuthenticationOptions<Env>) {
  const countFailure = createFailureThrottle();

  return (headers: Headers, env: Env): Caller | Promise<Caller> => {
    const authentication = authenticate(parseBearer(headers.get("authorization")), env);
    return authentication instanceof Promise
      ? authentication.then((result) => requireCaller(result, env))
      : requireCaller(authentication, env);
  };

  function requireCaller(authentication: Authentication, env: Env): Caller {
    if ("caller" in authentication) return authentication.caller;
    throw createRejection(authentication.rejection, env);
  }

  /** A request without a credential is no guess, so it is not counted. */
  function createRejection(rejection: "missing" | "invalid" | "expired", env: Env): Problem {
    const retryAfterS = rejection === "missing" ? 0 : countFailure(getClientAddress?.(env) ?? "");
    if (retryAfterS === 0) return createUnauthenticated(rejection);
    return createHttpProblem("too-many-requests", { headers: { "retry-after": String(retryAfterS) } });
  }
}

/** @throws Problem `insufficient-scope` */
export function requireScope(caller: Caller, access: RouteAccess, url: string): void {
  if (access.scope === "public" || access.scope === "authenticated") return;
  const scope = getRequiredScope(access, url);
  if (!caller.scopes.includes(scope)) throw createInsufficientScope(scope);
}

function getRequiredScope({ scope, scopesByParameter }: RouteAccess, url: string): string {
  if (scopesByParameter === undefined || !url.includes("?")) return scope;
  const parameter = Object.keys(scopesByParameter).find((name) => hasParameter(url, name));
  return parameter === undefined ? scope : scopesByParameter[parameter]!;
}
