import { describe } from "vitest";
import { describeAbort } from "./describe-abort.ts";
import { describeDelete } from "./describe-delete.ts";
import { describeEmailUpdate } from "./describe-email-update.ts";
import { describeExternalId } from "./describe-external-id.ts";
import { describeGet } from "./describe-get.ts";
import { describeIdempotentInsert } from "./describe-idempotent-insert.ts";
import { describeInsert } from "./describe-insert.ts";
import { describeList } from "./describe-list.ts";
import { describeMetadata } from "./describe-metadata.ts";
import { describePreconditions } from "./describe-preconditions.ts";
import { describeStatus } from "./describe-status.ts";
import { describeUpdate } from "./describe-update.ts";
import type { CreateRepository } from "./fixtures.ts";

/**
 * Defines the contract of {@link UserRepository} as vitest tests, each on a repository of its own. The contract has no
 * options: every repository fulfills all of it.
 */
export function describeUserRepository(name: string, createRepository: CreateRepository): void {
  describe(name, () => {
    describe("insert", () => describeInsert(createRepository));
    describe("insert with an idempotency record", () => describeIdempotentInsert(createRepository));
    describe("get and findBy", () => describeGet(createRepository));
    describe("list", () => describeList(createRepository));
    describe("update", () => describeUpdate(createRepository));
    describe("update of the email", () => describeEmailUpdate(createRepository));
    describe("external id", () => describeExternalId(createRepository));
    describe("metadata", () => describeMetadata(createRepository));
    describe("status", () => describeStatus(createRepository));
    describe("delete", () => describeDelete(createRepository));
    describe("preconditions", () => describePreconditions(createRepository));
    describe("abort", () => describeAbort(createRepository));
  });
}
