import { describe, expect, test } from "vitest";
import { EXPIRED, INVALID } from "../index.ts";
import { createKeyText, createTestList } from "./testing/create-test-list.ts";
import { expectUserError, generate } from "../testing/settle.ts";

const PAST = "2026-06-15T10:00:00.000Z";
const HOUR_MS = 3_600_000;

describe("authenticate", () => {
  test("returns the caller with the id and the scopes of the key", async () => {
    const { store, authenticate } = createTestList();
    const { key, record } = store.add({ scopes: ["users:list"] });
    const authentication = { caller: { id: record.id, auth: "key", scopes: ["users:list"] } };
    expect(await authenticate(key)).toEqual(authentication);
    expect(authenticate(key)).toEqual(authentication);
  });

  test("reads the store once for many requests, also if the first ones are concurrent", async () => {
    const { store, authenticate, request } = createTestList();
    const { key } = store.add();
    const results = await Promise.all(generate(100, () => request(key)));
    expect(results.every((result) => "caller" in result)).toBe(true);
    for (let count = 0; count < 1_000; count += 1) expect(authenticate(key)).toHaveProperty("caller");
    expect(store.reads).toBe(1);
  });

  test("distinguishes 1,000 keys", async () => {
    const { store, authenticate } = createTestList();
    const added = generate(1_000, () => store.add());
    for (const { key, record } of added) {
      expect(await authenticate(key)).toHaveProperty("caller.id", record.id);
    }
    expect(store.reads).toBe(1);
  });

  test("returns `expired` from the time of expiry on", async () => {
    const { store, clock, authenticate } = createTestList();
    const { key } = store.add({ expires_at: new Date(clock.now().getTime() + 1_000).toISOString() });
    expect(await authenticate(key)).toHaveProperty("caller");
    await clock.advance(999);
    expect(authenticate(key)).toHaveProperty("caller");
    await clock.advance(1);
    expect(authenticate(key)).toBe(EXPIRED);
    expect(store.reads).toBe(1);
  });

  test.for([
    ["a revoked key", { revoked_at: PAST }, INVALID],
    ["a revoked key that is also expired", { revoked_at: PAST, expires_at: PAST }, INVALID],
    ["an expired key", { expires_at: PAST }, EXPIRED],
    ["a key with an invalid time of expiry", { expires_at: "never" }, EXPIRED],
  ] as const)("rejects %s without another read", async ([, members, rejection]) => {
    const { store, uses, authenticate } = createTestList();
    const { key } = store.add(members);
    expect(await authenticate(key)).toBe(rejection);
    expect(authenticate(key)).toBe(rejection);
    expect(store.reads).toBe(1);
    expect(uses).toEqual([]);
  });
});

describe("a text that is not in the list", () => {
  test.for([
    ["another last character", (key: string) => key.slice(0, -1) + (key.endsWith("0") ? "1" : "0")],
    ["another first character", (key: string) => key.replace(/^umk_./, "umk_~")],
    ["a checksum of zeros", (key: string) => `${key.slice(0, -6)}000000`],
    ["one character less", (key: string) => key.slice(0, -1)],
    ["one character more", (key: string) => `${key}0`],
    ["the prefix only", () => "umk_"],
    ["no character", () => ""],
    ["8 KiB", () => `umk_${"0".repeat(8_188)}`],
  ] as const)("is invalid without a read if it has the form of no key: %s", async ([, toText]) => {
    const { store, clock, authenticate } = createTestList();
    await authenticate(store.add().key);
    await clock.advance(2_000);
    expect(authenticate(toText(createKeyText()))).toBe(INVALID);
    expect(store.reads).toBe(1);
  });

  test("is read at once if it may be a new key", async () => {
    const { store, clock, authenticate } = createTestList();
    await authenticate(store.add().key);
    await clock.advance(1_000);
    const { key, record } = store.add();
    expect(await authenticate(key)).toHaveProperty("caller.id", record.id);
    expect(store.reads).toBe(2);
    expect(authenticate(key)).toHaveProperty("caller.id", record.id);
  });

  test("is read one second after the last read if it may be a new key", async () => {
    const { store, clock, authenticate } = createTestList();
    await authenticate(store.add().key);
    await clock.advance(300);
    const { key, record } = store.add();
    const authentication = authenticate(key);
    await clock.advance(699);
    expect(store.reads).toBe(1);
    await clock.advance(1);
    expect(await authentication).toHaveProperty("caller.id", record.id);
    expect(store.reads).toBe(2);
  });

  test("is read at once also if the list is due to be read", async () => {
    for (const ageMs of [2_500, 4_999, 5_000, 60_000]) {
      const { store, clock, authenticate } = createTestList();
      await authenticate(store.add().key);
      await clock.advance(ageMs);
      const { key, record } = store.add();
      expect(await authenticate(key)).toHaveProperty("caller.id", record.id);
      expect(store.reads).toBe(2);
    }
  });

  test("is invalid after the first read if that started with the request", async () => {
    const { store, clock, authenticate } = createTestList();
    expect(await authenticate(createKeyText())).toBe(INVALID);
    await clock.advance(5_000);
    expect(await authenticate(createKeyText())).toBe(INVALID);
    expect(store.reads).toBe(2);
  });

  test("is read again if a read is in progress, which may have started before the key was created", async () => {
    const { store, clock, authenticate } = createTestList();
    const known = store.add().key;
    await authenticate(known);
    await clock.advance(3_000);
    const { promise, resolve } = Promise.withResolvers<void>();
    store.gate = promise;
    expect(authenticate(known)).toHaveProperty("caller");
    expect(store.reads).toBe(2);
    const { key, record } = store.add();
    const authentication = authenticate(key);
    resolve();
    await clock.advance(1_000);
    expect(await authentication).toHaveProperty("caller.id", record.id);
    expect(store.reads).toBe(3);
  });

  test("is invalid if it is not stored, and 1,000 concurrent attempts cause at most one read a second", async () => {
    const { store, clock, authenticate } = createTestList();
    const known = store.add().key;
    await authenticate(known);
    const attempts: unknown[] = [];
    for (let timeMs = 0; timeMs < 10_000; timeMs += 100) {
      attempts.push(...generate(1_000, () => authenticate(createKeyText())));
      expect(authenticate(known)).toHaveProperty("caller");
      await clock.advance(100);
      expect(store.reads).toBeLessThanOrEqual(1 + (timeMs + 100) / 1_000);
    }
    await clock.advance(1_000);
    expect(new Set(await Promise.all(attempts))).toEqual(new Set([INVALID]));
    expect(store.reads).toBeGreaterThanOrEqual(10);
  });
});

test("a rejection is reported once per revoked or expired key and hour, and never for an unknown key", async () => {
  const rejections: string[] = [];
  const { store, clock, authenticate } = createTestList({
    onRejection: (id, state) => void rejections.push(`${id} ${state}`),
  });
  const [revoked, expired] = [store.add({ revoked_at: PAST }), store.add({ expires_at: PAST })];
  await authenticate(store.add().key);
  for (const { key } of [revoked, expired, revoked, expired]) await authenticate(key);
  const unknown = authenticate(createKeyText());
  await clock.advance(2_000);
  await unknown;
  const expected = [`${revoked.record.id} revoked`, `${expired.record.id} expired`];
  expect(rejections).toEqual(expected);
  await clock.advance(HOUR_MS);
  for (const { key } of [revoked, expired]) await authenticate(key);
  expect(rejections).toEqual([...expected, ...expected]);
});

describe("the report of uses", () => {
  test("is made once per key and hour, with the beginning of the hour", async () => {
    const { store, clock, uses, authenticate } = createTestList();
    const [one, other] = [store.add(), store.add()];
    const expected: string[] = [];
    for (const hour of ["2026-06-15T10:00:00.000Z", "2026-06-15T11:00:00.000Z", "2026-06-15T12:00:00.000Z"]) {
      for (let count = 0; count < 10; count += 1) {
        await authenticate(one.key);
        await authenticate(other.key);
        await clock.advance(HOUR_MS / 10);
      }
      expected.push(`${one.record.id} ${hour}`, `${other.record.id} ${hour}`);
    }
    // The clock started at 10:20:30, so the tenth part of the second hour is in the third one.
    expect([...new Set(uses)].toSorted()).toEqual([...uses].toSorted());
    expect(uses).toEqual(expect.arrayContaining(expected));
    expect(uses).toHaveLength(8);
  });

  test("starts with the hour after the stored one", async () => {
    const { store, clock, uses, authenticate } = createTestList();
    const { key, record } = store.add({ last_used_at: "2026-06-15T10:00:00.000Z" });
    await authenticate(key);
    expect(uses).toEqual([]);
    await clock.advance(HOUR_MS);
    await authenticate(key);
    expect(uses).toEqual([`${record.id} 2026-06-15T11:00:00.000Z`]);
  });

  test("is not repeated if the list is read again before the use is stored", async () => {
    const { store, clock, uses, authenticate } = createTestList();
    const { key } = store.add();
    for (let count = 0; count < 10; count += 1) {
      await authenticate(key);
      await clock.advance(6_000);
    }
    expect(store.reads).toBe(10);
    expect(uses).toHaveLength(1);
  });

  test("is made at the first use of a new key", async () => {
    const { store, uses, clock, authenticate } = createTestList();
    await authenticate(store.add().key);
    await clock.advance(1_000);
    const { key, record } = store.add();
    await authenticate(key);
    expect(uses.at(-1)).toBe(`${record.id} 2026-06-15T10:00:00.000Z`);
    expect(uses).toHaveLength(2);
  });
});

describe("isEmpty", () => {
  test("returns true only if no key is stored, in any state", async () => {
    expect(await createTestList().isEmpty()).toBe(true);
    for (const members of [{}, { revoked_at: PAST }, { expires_at: PAST }]) {
      const { store, isEmpty } = createTestList();
      store.add(members);
      expect(await isEmpty()).toBe(false);
      expect(isEmpty()).toBe(false);
      expect(store.reads).toBe(1);
    }
  });

  test("returns false within the maximum age after the first key is created", async () => {
    const { store, clock, isEmpty } = createTestList();
    expect(await isEmpty()).toBe(true);
    store.add();
    await clock.advance(2_499);
    expect(isEmpty()).toBe(true);
    await clock.advance(2_501);
    expect(await isEmpty()).toBe(false);
  });

  test("returns false as soon as a request has the first key", async () => {
    const { store, clock, authenticate, isEmpty } = createTestList();
    expect(await isEmpty()).toBe(true);
    await clock.advance(1_000);
    await authenticate(store.add().key);
    expect(isEmpty()).toBe(false);
  });

  test("throws `unavailable` once the list is older than its maximum age and the store is unavailable", async () => {
    const { store, clock, authenticate, isEmpty } = createTestList();
    expect(await isEmpty()).toBe(true);
    store.error = new Error("The disk is full.");
    await clock.advance(4_999);
    expect(isEmpty()).toBe(true);
    await clock.advance(1);
    const rejection = expectUserError((async () => isEmpty())(), "unavailable");
    await clock.advance(1_000);
    await rejection;
    // The list is still used for what cannot grant anonymous access.
    expect(authenticate("umk_")).toBe(INVALID);
  });
});
