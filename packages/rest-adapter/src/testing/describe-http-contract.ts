import { describe } from "vitest";
import { describeBodies } from "./describe-bodies.ts";
import { describeConditionalRequests } from "./describe-conditional-requests.ts";
import { describeEmails } from "./describe-emails.ts";
import { describeExternalIds } from "./describe-external-ids.ts";
import { describeHttp } from "./describe-http.ts";
import { describeIdempotency } from "./describe-idempotency.ts";
import { describeJson } from "./describe-json.ts";
import { describeList } from "./describe-list.ts";
import { describeMetadata } from "./describe-metadata.ts";
import { describeQuery } from "./describe-query.ts";
import { describeStatus } from "./describe-status.ts";
import { describeUpdates } from "./describe-updates.ts";
import { describeUsers } from "./describe-users.ts";
import { describeValidation } from "./describe-validation.ts";
import { describeViews } from "./describe-views.ts";
import type { StartService } from "./test-client.ts";

/**
 * Defines the HTTP contract as vitest tests, each on a service of its own. The contract has no options: every app
 * fulfills all of it with every store.
 */
export function describeHttpContract(name: string, start: StartService): void {
  describe(name, () => {
    describe("users", () => describeUsers(start));
    describe("updates", () => describeUpdates(start));
    describe("unique emails", () => describeEmails(start));
    describe("unique external ids", () => describeExternalIds(start));
    describe("status", () => describeStatus(start));
    describe("metadata", () => describeMetadata(start));
    describe("validation", () => describeValidation(start));
    describe("conditional requests", () => describeConditionalRequests(start));
    describe("idempotency keys", () => describeIdempotency(start));
    describe("list", () => describeList(start));
    describe("views", () => describeViews(start));
    describe("query parameters", () => describeQuery(start));
    describe("bodies", () => describeBodies(start));
    describe("JSON", () => describeJson(start));
    describe("HTTP", () => describeHttp(start));
  });
}
