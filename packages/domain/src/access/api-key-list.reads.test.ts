import { describe, expect, test } from "vitest";
import { INVALID, UserError } from "../index.ts";
import { createKeyText, createTestList, runReactions, type TestList } from "./testing/create-test-list.ts";
import { expectUserError, generate } from "../testing/settle.ts";

const MINUTE_MS = 60_000;

async function expectUnavailable(list: TestList, key: string): Promise<UserError> {
  return expectUserError(list.request(key), "unavailable");
}

/** Creates a list with one key, which is read. */
async function createReadList(options: Parameters<typeof createTestList>[0] = {}) {
  const list = createTestList(options);
  const { key, record } = list.store.add();
  expect(await list.authenticate(key)).toHaveProperty("caller");
  return { list, key, record };
}

describe("the age of the list", () => {
  test("starts one read beside the requests at half of the maximum age", async () => {
    const { list, key } = await createReadList();
    await list.clock.advance(2_499);
    expect(list.authenticate(key)).toHaveProperty("caller");
    expect(list.store.reads).toBe(1);
    await list.clock.advance(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    list.store.gate = promise;
    for (let count = 0; count < 100; count += 1) expect(list.authenticate(key)).toHaveProperty("caller");
    expect(list.store.reads).toBe(2);
    resolve();
    await list.clock.advance(2_499);
    expect(list.authenticate(key)).toHaveProperty("caller");
    expect(list.store.reads).toBe(2);
  });

  test("starts no read without a request", async () => {
    const { list } = await createReadList();
    await list.clock.advance(60 * MINUTE_MS);
    expect(list.store.reads).toBe(1);
  });

  test.for([5_000, 30_000])("rejects a revoked key within %i ms of its revocation", async (maxAgeMs) => {
    for (const offsetMs of [0, 400, maxAgeMs / 2 - 1, maxAgeMs / 2, maxAgeMs - 1, maxAgeMs]) {
      const { list, key, record } = await createReadList({ maxAgeMs });
      await list.clock.advance(offsetMs);
      list.store.update(record, { revoked_at: list.clock.now().toISOString() });
      for (let timeMs = 0; timeMs < maxAgeMs; timeMs += 100) {
        await list.authenticate(key);
        await list.clock.advance(100);
      }
      expect(await list.authenticate(key)).toBe(INVALID);
    }
  });

  test("makes the first request after a pause wait for a read", async () => {
    const { list, key, record } = await createReadList();
    list.store.update(record, { revoked_at: list.clock.now().toISOString() });
    await list.clock.advance(5_000);
    expect(await Promise.all(generate(10, () => list.request(key)))).toEqual(generate(10, () => INVALID));
    expect(list.store.reads).toBe(2);
  });

  test("makes requests wait for a slow read as soon as the list has its maximum age", async () => {
    const { list, key, record } = await createReadList();
    await list.clock.advance(2_500);
    const { promise, resolve } = Promise.withResolvers<void>();
    list.store.gate = promise;
    list.store.update(record, { revoked_at: list.clock.now().toISOString() });
    await list.clock.advance(2_499);
    expect(list.authenticate(key)).toHaveProperty("caller");
    await list.clock.advance(1);
    expect(list.authenticate(key)).toBeInstanceOf(Promise);
    const waiting = generate(10, () => list.request(key));
    resolve();
    expect(await Promise.all(waiting)).toEqual(generate(10, () => INVALID));
    expect(list.store.reads).toBe(2);
  });

  test("is counted from the start of the read", async () => {
    const { list, key, record } = await createReadList();
    const { promise, resolve } = Promise.withResolvers<void>();
    await list.clock.advance(5_000);
    list.store.gate = promise;
    const slow = list.authenticate(key);
    await runReactions();
    list.store.update(record, { revoked_at: list.clock.now().toISOString() });
    await list.clock.advance(4_000);
    resolve();
    expect(await slow).toHaveProperty("caller");
    await list.clock.advance(1_000);
    expect(await list.authenticate(key)).toBe(INVALID);
  });

  test("is unknown after the clock was set back, so that the list is read again", async () => {
    const { list, key, record } = await createReadList();
    list.store.update(record, { revoked_at: list.clock.now().toISOString() });
    await list.clock.advance(-60 * MINUTE_MS);
    expect(await list.authenticate(key)).toBe(INVALID);
    const added = list.store.add();
    await list.clock.advance(-60 * MINUTE_MS);
    await list.authenticate(key);
    await list.clock.advance(1_000);
    expect(await list.authenticate(added.key)).toHaveProperty("caller");
  });
});

describe("an unavailable store", () => {
  test("makes requests unavailable if the list has never been read, with at most one read a second", async () => {
    const list = createTestList();
    const { key } = list.store.add();
    const cause = new Error("The disk is full.");
    list.store.error = cause;
    for (let reads = 1; reads <= 3; reads += 1) {
      const errors = Promise.all(generate(1_000, () => expectUnavailable(list, key)));
      if (reads > 1) {
        await list.clock.advance(999);
        expect(list.store.reads).toBe(reads - 1);
        await list.clock.advance(1);
      }
      expect((await errors).every((error) => error.cause === cause)).toBe(true);
      expect(list.store.reads).toBe(reads);
    }
    expect(list.errors).toEqual([]);
  });

  test("serves a request after the failed first read as soon as the store has recovered", async () => {
    const list = createTestList();
    const { key } = list.store.add();
    list.store.error = new Error("The disk is full.");
    await expectUnavailable(list, key);
    list.store.error = undefined;
    await list.clock.advance(200);
    const requests = Promise.all(generate(10, () => list.request(key)));
    await list.clock.advance(800);
    for (const authentication of await requests) expect(authentication).toHaveProperty("caller");
    expect(list.store.reads).toBe(2);
  });

  test("makes a request wait only for the read in progress", async () => {
    const list = createTestList();
    const { key } = list.store.add();
    const { promise, reject } = Promise.withResolvers<void>();
    list.store.gate = promise;
    const requests = generate(10, () => expectUnavailable(list, key));
    await list.clock.advance(4_500);
    requests.push(...generate(10, () => expectUnavailable(list, key)));
    reject(new Error("The connection timed out."));
    await Promise.all(requests);
    expect(list.store.reads).toBe(1);
  });

  test("throws the `unavailable` error of the store itself", async () => {
    const list = createTestList();
    const error = new UserError("unavailable", { message: "The table of the keys is throttled." });
    list.store.error = error;
    expect(await expectUnavailable(list, createKeyText())).toBe(error);
  });

  test("makes no request wait or fail for 5 minutes, with at most one read a second and each failure reported", async () => {
    const { list, key } = await createReadList();
    const error = new Error("The disk is full.");
    list.store.error = error;
    for (let timeMs = 0; timeMs < 5 * MINUTE_MS; timeMs += 250) {
      for (let count = 0; count < 5; count += 1) expect(list.authenticate(key)).toHaveProperty("caller");
      await list.clock.advance(250);
      expect(list.store.reads).toBeLessThanOrEqual(1 + (timeMs + 250) / 1_000);
    }
    expect(list.store.reads).toBeGreaterThan(290);
    expect(list.errors).toEqual(generate(list.store.reads - 1, () => error));
    const reads = list.store.reads;
    await list.clock.advance(1_000);
    await Promise.all(generate(1_000, () => expectUnavailable(list, key)));
    expect(list.store.reads).toBe(reads + 1);
  });

  test("makes no request wait while reads fail slowly", async () => {
    const { list, key } = await createReadList({ maxAgeMs: 30_000 });
    const error = new Error("The connection timed out.");
    await list.clock.advance(15_000);
    list.store.error = error;
    for (let count = 0; count < 20; count += 1) {
      const { promise, resolve } = Promise.withResolvers<void>();
      list.store.gate = promise;
      for (let second = 0; second < 6; second += 1) {
        expect(list.authenticate(key)).toHaveProperty("caller");
        await list.clock.advance(second < 5 ? 1_000 : 0);
      }
      resolve();
      await list.clock.advance(1_000);
    }
    expect(list.errors).toEqual(generate(20, () => error));
  });

  test("serves a request that waits for the failed read from the last list", async () => {
    const { list, key } = await createReadList();
    await list.clock.advance(4 * MINUTE_MS);
    list.store.error = new Error("The disk is full.");
    expect(await Promise.all(generate(10, () => list.request(key)))).toHaveLength(10);
    expect(list.errors).toHaveLength(1);
    await list.clock.advance(MINUTE_MS);
    await expectUnavailable(list, key);
  });

  test("is expected to recover: the list of before a pause is not used without a read", async () => {
    const { list, key, record } = await createReadList();
    await list.clock.advance(2_500);
    list.store.error = new Error("The disk is full.");
    expect(list.authenticate(key)).toHaveProperty("caller");
    await runReactions();
    expect(list.errors).toHaveLength(1);
    list.store.error = undefined;
    list.store.update(record, { revoked_at: list.clock.now().toISOString() });
    await list.clock.advance(5_000);
    expect(await list.authenticate(key)).toBe(INVALID);
  });

  test("recovers with the first read that succeeds", async () => {
    const { list, key, record } = await createReadList();
    list.store.error = new Error("The disk is full.");
    await list.clock.advance(6 * MINUTE_MS);
    await expectUnavailable(list, key);
    list.store.error = undefined;
    await list.clock.advance(1_000);
    expect(await list.authenticate(key)).toHaveProperty("caller");
    list.store.update(record, { revoked_at: list.clock.now().toISOString() });
    await list.clock.advance(5_000);
    expect(await list.authenticate(key)).toBe(INVALID);
  });
});

describe("the read for a key that may be new", () => {
  test("makes the request unavailable if it fails, and is repeated for a later request", async () => {
    const { list } = await createReadList();
    const added = list.store.add();
    list.store.error = new Error("The disk is full.");
    for (let count = 1; count <= 3; count += 1) {
      await list.clock.advance(1_000);
      await expectUnavailable(list, added.key);
      expect(list.store.reads).toBe(1 + count);
    }
    list.store.error = undefined;
    await list.clock.advance(1_000);
    expect(await list.authenticate(added.key)).toHaveProperty("caller");
  });

  test("is made for all 1,000 concurrent requests together if it fails", async () => {
    const { list } = await createReadList();
    list.store.error = new Error("The disk is full.");
    const attempts = generate(1_000, () => expectUnavailable(list, createKeyText()));
    await list.clock.advance(1_000);
    await Promise.all(attempts);
    expect(list.store.reads).toBe(2);
  });

  test("follows a read in progress that fails", async () => {
    const { list, key } = await createReadList();
    await list.clock.advance(2_500);
    const { promise, reject } = Promise.withResolvers<void>();
    list.store.gate = promise;
    expect(list.authenticate(key)).toHaveProperty("caller");
    const added = list.store.add();
    const authentication = list.authenticate(added.key);
    list.store.gate = undefined;
    reject(new Error("The disk is full."));
    await list.clock.advance(1_000);
    expect(await authentication).toHaveProperty("caller");
    expect(list.store.reads).toBe(3);
  });

  test("is not delayed by requests that read beside it", async () => {
    const { list, key } = await createReadList();
    list.store.error = new Error("The disk is full.");
    await list.clock.advance(2_500);
    expect(list.authenticate(key)).toHaveProperty("caller");
    await runReactions();
    const attempt = expectUnavailable(list, createKeyText());
    for (let timeMs = 0; timeMs < 1_000; timeMs += 10) {
      await list.clock.advance(10);
      expect(list.authenticate(key)).toHaveProperty("caller");
    }
    await attempt;
    expect(list.store.reads).toBe(3);
  });

  test("is repeated for a later request if the wait before it fails", async () => {
    const waitError = new Error("The timer was aborted.");
    const { list } = await createReadList({ wait: () => Promise.reject(waitError) });
    const added = list.store.add();
    await expect(list.request(added.key)).rejects.toBe(waitError);
    await list.clock.advance(1_000);
    expect(await list.authenticate(added.key)).toHaveProperty("caller");
  });
});
