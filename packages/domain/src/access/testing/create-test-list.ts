import { createApiKeyList, type ApiKeyListOptions, type ApiKeyRecord, type Authentication } from "../../index.ts";
import { buildApiKey } from "../../testing/fixtures.ts";
import { generateApiKey } from "../api-key.ts";

/** A clock that only the test moves. */
export interface TestClock extends Pick<ApiKeyListOptions, "now" | "wait"> {
  /** Moves the clock forward and resolves each wait at its time. A negative duration sets the clock back. */
  advance(durationMs: number): Promise<void>;
}

export function createTestClock(start = "2026-06-15T10:20:30.405Z"): TestClock {
  let timeMs = Date.parse(start);
  const waits: { readonly endMs: number; readonly resolve: () => void }[] = [];

  return {
    now: () => new Date(timeMs),

    wait: (durationMs) => new Promise<void>((resolve) => waits.push({ endMs: timeMs + durationMs, resolve })),

    async advance(durationMs) {
      await runReactions();
      const endMs = timeMs + durationMs;
      for (;;) {
        const [next] = waits.toSorted((left, right) => left.endMs - right.endMs);
        if (next === undefined || next.endMs > endMs) break;
        waits.splice(waits.indexOf(next), 1);
        timeMs = Math.max(timeMs, next.endMs);
        next.resolve();
        await runReactions();
      }
      timeMs = endMs;
      await runReactions();
    },
  };
}

/** Lets promises that are settled run their reactions, and the reactions of these. */
export async function runReactions(): Promise<void> {
  for (let count = 0; count < 50; count += 1) await Promise.resolve();
}

/** A list of API keys on a store, a clock and reports that a test controls. */
export interface TestList {
  readonly authenticate: (key: string) => Authentication | Promise<Authentication>;
  readonly isEmpty: () => boolean | Promise<boolean>;
  readonly getAgeMs: () => number | undefined;
  /** Authenticates in an asynchronous function, which rejects also if the list throws synchronously. */
  readonly request: (key: string) => Promise<Authentication>;
  readonly clock: TestClock;
  readonly store: TestKeyStore;
  /** The reported uses: the id of the key and the hour. */
  readonly uses: string[];
  /** The reported errors. */
  readonly errors: unknown[];
}

export interface TestKeyStore {
  keys: ApiKeyRecord[];
  /** The number of started reads. */
  reads: number;
  /** Makes reads fail while it is set. */
  error: unknown;
  /** Delays the end of reads while it is set. They return the keys of the time at which they started. */
  gate: Promise<unknown> | undefined;
  /** Stores a key, and returns it with its record. */
  add(overrides?: Partial<ApiKeyRecord>): { readonly key: string; readonly record: ApiKeyRecord };
  /** Replaces members of a stored key. */
  update(record: ApiKeyRecord, members: Partial<ApiKeyRecord>): void;
}

export function createTestList(options: Partial<ApiKeyListOptions> = {}): TestList {
  const clock = createTestClock();
  const store = createTestKeyStore();
  const uses: string[] = [];
  const errors: unknown[] = [];
  const list = createApiKeyList({
    now: clock.now,
    wait: clock.wait,
    maxAgeMs: 5_000,
    digest: computeTestDigest,
    async load() {
      store.reads += 1;
      const keys = [...store.keys];
      await store.gate;
      if (store.error !== undefined) throw store.error;
      return keys;
    },
    onUse: (id, hour) => void uses.push(`${id} ${hour}`),
    onError: (error) => void errors.push(error),
    ...options,
  });
  return { ...list, request: async (key) => list.authenticate(key), clock, store, uses, errors };
}

export function createTestKeyStore(): TestKeyStore {
  const store: TestKeyStore = {
    keys: [],
    reads: 0,
    error: undefined,
    gate: undefined,
    add(overrides) {
      const key = createKeyText();
      const record = buildApiKey({ digest: computeTestDigest(key), ...overrides });
      store.keys.push(record);
      return { key, record };
    },
    update({ id }, members) {
      store.keys = store.keys.map((key) => (key.id === id ? { ...key, ...members } : key));
    },
  };
  return store;
}

let keyCount = 0;

/** Returns the text of a new API key, which is not stored. */
export function createKeyText(): string {
  keyCount += 1;
  return generateApiKey((count) =>
    new Uint8Array(count)
      .fill(7)
      .with(0, keyCount >>> 16)
      .with(1, keyCount >>> 8)
      .with(2, keyCount),
  );
}

/** Returns 43 characters of base64url, which are specific to an API key. */
export function computeTestDigest(text: string): string {
  return `${text.replace("umk_", "").padEnd(42, "_").slice(0, 42)}A`;
}
