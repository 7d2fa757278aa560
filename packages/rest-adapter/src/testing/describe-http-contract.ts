import { describe } from "vitest";
import type { Client } from "./client.ts";
import { describeBodies } from "./describe-bodies.ts";
import { describeConditionalRequests } from "./describe-conditional-requests.ts";
import { describeIdempotency } from "./describe-idempotency.ts";
import { describeList } from "./describe-list.ts";
import { describeRequests } from "./describe-requests.ts";
import { describeUsers } from "./describe-users.ts";

/** Starts a service without users; what it opened is closed by vitest's `onTestFinished`. */
export type StartService = () => Client | Promise<Client>;

/**
 * What a client sees, as tests: call it with a way to start the service, wherever it runs and whatever keeps its
 * users, and every promise of the API is shown to hold.
 */
export function describeHttpContract(name: string, start: StartService): void {
  describe(name, () => {
    describe("users", () => describeUsers(start));
    describe("conditional requests", () => describeConditionalRequests(start));
    describe("idempotency keys", () => describeIdempotency(start));
    describe("the list", () => describeList(start));
    describe("bodies", () => describeBodies(start));
    describe("requests", () => describeRequests(start));
  });
}
