import { describe } from "vitest";
import type { StartAccessService } from "./access-service.ts";
import { describeAuthentication } from "./describe-authentication.ts";
import { describeCallers } from "./describe-callers.ts";
import { describeScopes } from "./describe-scopes.ts";

/**
 * Defines the contract of authentication and authorization as vitest tests, each on a service of its own. Every app
 * fulfills all of it with every store of keys. A test stores its keys before its first request, so that the service
 * reads them once, and has fewer authentication failures than an address may have at once.
 */
export function describeAccessContract(name: string, start: StartAccessService): void {
  describe(name, () => {
    describe("authentication", () => describeAuthentication(start));
    describe("scopes", () => describeScopes(start));
    describe("callers", () => describeCallers(start));
  });
}
