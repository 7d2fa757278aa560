import { describe } from "vitest";
import type { UserRepository } from "../index.ts";
import { describeInsert } from "./describe-insert.ts";
import { describeInsertOnce } from "./describe-insert-once.ts";
import { describeFind } from "./describe-find.ts";
import { describeList } from "./describe-list.ts";
import { describeRemove } from "./describe-remove.ts";
import { describeUpdate } from "./describe-update.ts";
import { describeUpdateOfEmail } from "./describe-update-of-email.ts";

/** Makes an empty repository; what it opened is closed by vitest's `onTestFinished`. */
export type CreateRepository = () => UserRepository | Promise<UserRepository>;

/**
 * The contract of {@link UserRepository} as tests: call it in a vitest file, and every promise of the port is shown
 * to hold, each on a repository of its own. There is nothing to leave out.
 */
export function describeUserRepository(name: string, createRepository: CreateRepository): void {
  describe(name, () => {
    describe("insert", () => describeInsert(createRepository));
    describe("insert, once", () => describeInsertOnce(createRepository));
    describe("find", () => describeFind(createRepository));
    describe("list", () => describeList(createRepository));
    describe("update", () => describeUpdate(createRepository));
    describe("update of an email address", () => describeUpdateOfEmail(createRepository));
    describe("remove", () => describeRemove(createRepository));
  });
}
