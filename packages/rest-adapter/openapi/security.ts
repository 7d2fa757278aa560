import type { Scope } from "@user-management/domain";
import type { Operation } from "../src/operations.ts";

const SCOPE_DESCRIPTIONS = {
  "users:read": "get one user, by id, email or external id",
  "users:list": "list users",
  "users:write": "create and update users",
  "users:delete": "delete users",
} as const satisfies Record<Scope, string>;

const scopes = Object.entries(SCOPE_DESCRIPTIONS).map(([scope, description]) => `- \`${scope}\`: ${description}`);

export const SECURITY_SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: [
      "An API key (`umk_…`), or an access token (JWT) of the issuer that the server trusts. Its scopes:",
      scopes.join("\n"),
    ].join("\n\n"),
  },
};

/** Returns the security requirements of an operation, any of which suffices. OpenAPI 3.1 permits scopes in them. */
export function listSecurity(operation: Operation): object[] {
  return listScopes(operation).map((scope) => ({ bearer: [scope] }));
}

/** Returns the sentence about the scopes of an operation, which the requirements cannot relate to parameters. */
export function describeScope({ scope, scopesByParameter = {} }: Operation): string {
  if (scope === "public") return "It needs no credential.";
  const parametersByScope = Object.groupBy(Object.keys(scopesByParameter), (name) => scopesByParameter[name]!);
  const alternatives = Object.entries(parametersByScope).map(
    ([other, names]) => `, or \`${other}\` with ${names.map((name) => `\`${name}\``).join(" or ")}`,
  );
  return `Requires the scope \`${scope}\`${alternatives.join("")}.`;
}

function listScopes({ scope, scopesByParameter = {} }: Operation): Scope[] {
  return scope === "public" ? [] : [...new Set([scope, ...Object.values(scopesByParameter)])];
}
