import { describe } from "vitest";
import { describeApiKeyConcurrency } from "./describe-api-key-concurrency.ts";
import { describeApiKeyInsert } from "./describe-api-key-insert.ts";
import { describeApiKeyRejections } from "./describe-api-key-rejections.ts";
import { describeApiKeyUpdates } from "./describe-api-key-updates.ts";
import type { CreateApiKeyRepository } from "./fixtures.ts";

/**
 * Defines the contract of {@link ApiKeyRepository} as vitest tests, each on a repository of its own. The contract has no
 * options: every repository fulfills all of it.
 */
export function describeApiKeyRepository(name: string, createRepository: CreateApiKeyRepository): void {
  describe(name, () => {
    describe("insert and list", () => describeApiKeyInsert(createRepository));
    describe("revoke, limitExpiry, recordUse and delete", () => describeApiKeyUpdates(createRepository));
    describe("concurrent writes", () => describeApiKeyConcurrency(createRepository));
    describe("unknown ids and abort", () => describeApiKeyRejections(createRepository));
  });
}
