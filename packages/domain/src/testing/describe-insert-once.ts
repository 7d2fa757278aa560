import { expect, test } from "vitest";
import type { Once } from "../index.ts";
import { aNewUser } from "./a-new-user.ts";
import type { CreateRepository } from "./describe-user-repository.ts";
import { outcomes, refusal, times } from "./outcomes.ts";

const DAY = 24 * 60 * 60;
const NOON = 1_767_355_200;

function once(key: string, fingerprint = "content", created_at = NOON): Once {
  return { key, fingerprint, created_at, expires_at: created_at + DAY };
}

export function describeInsertOnce(createRepository: CreateRepository): void {
  test("a repeat answers the id of the first and stores nothing", async () => {
    const users = await createRepository();
    const first = aNewUser({ email: "once@example.com" });
    const repeat = aNewUser({ email: "once@example.com" });
    expect(await users.insert(first, once("key"))).toBe(first.user_id);
    expect(await users.insert(repeat, once("key"))).toBe(first.user_id);
    expect(await users.find(repeat.user_id)).toBeUndefined();
    expect((await users.list({ limit: 10 })).users).toEqual([first]);
  });

  test("the same key for other content is refused and stores nothing", async () => {
    const users = await createRepository();
    const first = aNewUser();
    const other = aNewUser();
    await users.insert(first, once("key"));
    await refusal(users.insert(other, once("key", "other content")), "idempotency-key-reused");
    expect((await users.list({ limit: 10 })).users).toEqual([first]);
    expect(await users.findByEmail(other.email)).toBeUndefined();
  });

  test("other keys are other requests", async () => {
    const users = await createRepository();
    await users.insert(aNewUser(), once("key"));
    await users.insert(aNewUser(), once("Key"));
    await users.insert(aNewUser());
    expect((await users.list({ limit: 10 })).users).toHaveLength(3);
  });

  test("simultaneous repeats all answer one id", async () => {
    const users = await createRepository();
    const answers = await Promise.all(
      times(20, () => users.insert(aNewUser({ email: "once@example.com" }), once("key"))),
    );
    expect(new Set(answers).size).toBe(1);
    expect((await users.list({ limit: 100 })).users.map((user) => user.user_id)).toEqual([answers[0]]);
  });

  test("of simultaneous requests of different content under one key exactly one succeeds", async () => {
    const users = await createRepository();
    const { results, codes } = await outcomes(times(10, (n) => users.insert(aNewUser(), once("key", `content ${n}`))));
    expect(results).toHaveLength(1);
    expect(codes).toEqual(times(9, () => "idempotency-key-reused"));
    expect((await users.list({ limit: 100 })).users).toHaveLength(1);
  });

  test("of simultaneous requests for one address under different keys exactly one succeeds", async () => {
    const users = await createRepository();
    const attempts = times(10, (n) => users.insert(aNewUser({ email: "same@example.com" }), once(`key ${n}`)));
    const { results, codes } = await outcomes(attempts);
    expect(results).toHaveLength(1);
    expect(codes).toEqual(times(9, () => "email-taken"));
  });

  test("a record counts until it expires, and for nothing afterwards", async () => {
    const users = await createRepository();
    const [first, second, third] = [aNewUser(), aNewUser(), aNewUser()];
    await users.insert(first, once("key", "content", NOON));
    expect(await users.insert(aNewUser(), once("key", "content", NOON + DAY - 1))).toBe(first.user_id);
    expect(await users.insert(second, once("key", "content", NOON + DAY))).toBe(second.user_id);
    expect(await users.insert(third, once("key", "content", NOON + DAY + 1))).toBe(second.user_id);
  });

  test("an insert that was refused leaves no record", async () => {
    const users = await createRepository();
    const holder = aNewUser();
    const user = aNewUser({ email: holder.email });
    await users.insert(holder);
    await refusal(users.insert(user, once("key")), "email-taken");
    await users.remove(holder.user_id);
    expect(await users.insert(user, once("key", "other content"))).toBe(user.user_id);
  });

  test("a repeat does not bring back a user who was removed, nor undo a change", async () => {
    const users = await createRepository();
    const [removed, changed] = [aNewUser(), aNewUser()];
    await users.insert(removed, once("removed"));
    await users.insert(changed, once("changed"));
    await users.remove(removed.user_id);
    const after = await users.update(changed.user_id, { email: "new@example.com" }, { updated_at: changed.updated_at });
    expect(await users.insert(aNewUser({ email: removed.email }), once("removed"))).toBe(removed.user_id);
    expect(await users.insert(aNewUser({ email: changed.email }), once("changed"))).toBe(changed.user_id);
    expect((await users.list({ limit: 10 })).users).toEqual([after]);
  });
}
