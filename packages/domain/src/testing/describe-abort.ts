import { expect, test } from "vitest";
import type { IdempotencyRecord, NewUser, RequestContext, UserRepository } from "../index.ts";
import {
  buildUser,
  createAbortableContext,
  createAbortedContext,
  createContext,
  type CreateRepository,
} from "./fixtures.ts";
import { expectUserError, generate, settleAll } from "./settle.ts";

type Call = (users: UserRepository, stored: NewUser, context: RequestContext) => Promise<unknown>;

const updated_at = "2026-02-03T04:05:06.789Z";
const email = "new@example.com";
const record: IdempotencyRecord = { key: "key", fingerprint: "content", created_at: 1, expires_at: 2_000_000_000 };

const READS: [string, Call][] = [
  ["get", (users, { user_id }, context) => users.get(user_id, context)],
  ["findByEmail", (users, stored, context) => users.findBy("email", stored.email, context)],
  ["list", (users, _, context) => users.list({ limit: 10 }, context)],
];

const WRITES: [string, Call][] = [
  ["insert", (users, _, context) => users.insert(buildUser({ email }), undefined, context)],
  ["insert with an idempotency record", (users, _, context) => users.insert(buildUser({ email }), record, context)],
  ["update", (users, { user_id }, context) => users.update(user_id, { lastname: "Roe" }, { updated_at }, context)],
  [
    "update with a precondition",
    (users, { user_id }, context) =>
      users.update(user_id, { lastname: "Roe" }, { updated_at, ifVersionIn: [1] }, context),
  ],
  ["update of the email", (users, { user_id }, context) => users.update(user_id, { email }, { updated_at }, context)],
  ["delete", (users, { user_id }, context) => users.delete(user_id, {}, context)],
  ["delete with a precondition", (users, { user_id }, context) => users.delete(user_id, { ifVersionIn: [1] }, context)],
];

export function describeAbort(createRepository: CreateRepository): void {
  const context = createContext();

  test.for(READS)("%s throws `unavailable` if the signal has aborted", async ([, read]) => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    await expectUserError(read(users, user, createAbortedContext()), "unavailable");
  });

  test.for(WRITES)("%s throws `unavailable` and writes nothing if the signal has aborted", async ([, write]) => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    await expectUserError(write(users, user, createAbortedContext()), "unavailable");
    expect(await users.get(user.user_id, context)).toEqual(user);
    expect(await users.findBy("email", user.email, context)).toEqual(user);
    expect(await users.findBy("email", email, context)).toBeUndefined();
    expect(await users.list({ limit: 10 }, context)).toEqual({ users: [user], next: undefined });
    // Neither an email claim nor an idempotency record is left behind.
    const other = buildUser({ email });
    expect(await users.insert(other, { ...record, fingerprint: "other content" }, context)).toBe(other.user_id);
  });

  test("the abort of a request does not affect concurrent requests", async () => {
    const users = await createRepository();
    const stored = generate(8, () => buildUser());
    for (const user of stored) await users.insert(user, undefined, context);
    const inserted = generate(8, () => buildUser());
    const { context: abortable, abort } = createAbortableContext();
    const aborted = stored.flatMap((user): Promise<unknown>[] => [
      users.get(user.user_id, abortable),
      users.findBy("email", user.email, abortable),
      users.insert(buildUser(), undefined, abortable),
    ]);
    const reads = stored.map((user) => users.get(user.user_id, createContext()));
    const inserts = inserted.map((user) => users.insert(user, undefined, createContext()));
    abort();
    // A call that has completed despite the abort may resolve.
    const { codes } = await settleAll(aborted);
    expect(codes).toEqual(codes.map(() => "unavailable"));
    expect(await Promise.all(reads)).toEqual(stored);
    expect(await Promise.all(inserts)).toEqual(inserted.map(({ user_id }) => user_id));
    for (const user of inserted) expect(await users.get(user.user_id, context)).toEqual(user);
  });
}
