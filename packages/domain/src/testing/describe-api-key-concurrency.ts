import { expect, test } from "vitest";
import { buildApiKey, createContext, type CreateApiKeyRepository } from "./fixtures.ts";
import { generate } from "./settle.ts";

/** Ten times that are sorted neither ascending nor descending. */
const TIMES = [5, 2, 8, 0, 9, 3, 7, 1, 6, 4].map((second) => `2026-06-15T10:00:0${second}.000Z`);
const EARLIEST = "2026-06-15T10:00:00.000Z";
const LATEST = "2026-06-15T10:00:09.000Z";

export function describeApiKeyConcurrency(createRepository: CreateApiKeyRepository): void {
  const context = createContext();

  test("insert stores a key once if it is repeated concurrently", async () => {
    const keys = await createRepository();
    const key = buildApiKey();
    const results = await Promise.all(generate(10, () => keys.insert(key, createContext())));
    expect(results).toEqual(generate(10, () => undefined));
    expect(await keys.list(context)).toEqual([key]);
  });

  test("revoke returns the time of the first revocation to all concurrent calls", async () => {
    const keys = await createRepository();
    const key = buildApiKey();
    await keys.insert(key, context);
    const results = await Promise.all(TIMES.map((time) => keys.revoke(key.id, time, createContext())));
    const [stored] = await keys.list(context);
    expect(TIMES).toContain(stored?.revoked_at);
    expect(results).toEqual(TIMES.map(() => stored));
  });

  test("limitExpiry results in the earliest of all concurrent limits", async () => {
    const keys = await createRepository();
    for (const expires_at of [undefined, "2027-01-01T00:00:00.000Z"]) {
      const key = buildApiKey(expires_at === undefined ? {} : { expires_at });
      await keys.insert(key, context);
      const results = await Promise.all(
        TIMES.map(async (time) => ({ time, key: await keys.limitExpiry(key.id, time, createContext()) })),
      );
      expect(results.filter((result) => Date.parse(result.key.expires_at!) > Date.parse(result.time))).toEqual([]);
      expect(await keys.list(context)).toContainEqual({ ...key, expires_at: EARLIEST });
    }
  });

  test("recordUse results in the latest of all concurrent uses", async () => {
    const keys = await createRepository();
    const key = buildApiKey();
    await keys.insert(key, context);
    await Promise.all(TIMES.map((time) => keys.recordUse(key.id, time, createContext())));
    expect(await keys.list(context)).toEqual([{ ...key, last_used_at: LATEST }]);
  });

  test("concurrent writes of different members do not overwrite one another", async () => {
    const keys = await createRepository();
    const stored = generate(8, () => buildApiKey());
    for (const key of stored) await keys.insert(key, context);
    await Promise.all(
      stored.flatMap(({ id }): Promise<unknown>[] => [
        keys.recordUse(id, EARLIEST, createContext()),
        keys.revoke(id, LATEST, createContext()),
        keys.limitExpiry(id, LATEST, createContext()),
        keys.recordUse(id, LATEST, createContext()),
      ]),
    );
    const expected = stored.map((key) => ({ ...key, expires_at: LATEST, last_used_at: LATEST, revoked_at: LATEST }));
    const listed = await keys.list(context);
    expect(listed).toHaveLength(expected.length);
    expect(listed).toEqual(expect.arrayContaining(expected));
  });

  test("a key that is deleted while its uses are recorded is not recreated", async () => {
    const keys = await createRepository();
    const stored = generate(8, () => buildApiKey());
    for (const key of stored) await keys.insert(key, context);
    await Promise.all(
      stored.flatMap(({ id }) => [
        keys.recordUse(id, EARLIEST, createContext()),
        keys.delete(id, createContext()),
        keys.recordUse(id, LATEST, createContext()),
      ]),
    );
    expect(await keys.list(context)).toEqual([]);
  });
}
