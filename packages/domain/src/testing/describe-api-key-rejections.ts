import { expect, test } from "vitest";
import type { ApiKeyRecord, ApiKeyRepository, RequestContext } from "../index.ts";
import {
  buildApiKey,
  createAbortableContext,
  createAbortedContext,
  createContext,
  type CreateApiKeyRepository,
} from "./fixtures.ts";
import { expectUserError, generate, settleAll } from "./settle.ts";

const TIME = "2026-06-15T10:00:00.000Z";

const UNKNOWN_IDS = {
  "the empty string": "",
  "a space": " ",
  "an id that is not stored": "0123456789AB",
  "the name of a prototype": "__proto__",
  "the name of an inherited property": "constructor",
  "a NUL character": "a\u0000b",
  "a lone surrogate": "\ud800",
  "8 KiB of UTF-8": "é".repeat(4096),
  "an SQL injection": "' OR '1'='1",
  "an SQL wildcard": "%",
};

type Call = (keys: ApiKeyRepository, stored: ApiKeyRecord, context: RequestContext) => Promise<unknown>;

const CALLS: [string, Call][] = [
  ["insert", (keys, _, context) => keys.insert(buildApiKey(), context)],
  ["insert of a stored key", (keys, key, context) => keys.insert(key, context)],
  ["list", (keys, _, context) => keys.list(context)],
  ["revoke", (keys, { id }, context) => keys.revoke(id, TIME, context)],
  ["limitExpiry", (keys, { id }, context) => keys.limitExpiry(id, TIME, context)],
  ["recordUse", (keys, { id }, context) => keys.recordUse(id, TIME, context)],
  ["delete", (keys, { id }, context) => keys.delete(id, context)],
];

export function describeApiKeyRejections(createRepository: CreateApiKeyRepository): void {
  const context = createContext();

  test("revoke and limitExpiry throw `not-found` for any string that is not the id of a key", async () => {
    const keys = await createRepository();
    const key = buildApiKey();
    await keys.insert(key, context);
    for (const [label, id] of Object.entries(listUnknownIds(key))) {
      const { message } = await expectUserError(keys.revoke(id, TIME, context), "not-found");
      expect(message, label).toBe("No API key has this id.");
      await expectUserError(keys.limitExpiry(id, TIME, context), "not-found");
      expect(await keys.list(context), label).toEqual([key]);
    }
  });

  test("recordUse and delete do nothing for any string that is not the id of a key", async () => {
    const keys = await createRepository();
    const key = buildApiKey();
    await keys.insert(key, context);
    for (const [label, id] of Object.entries(listUnknownIds(key))) {
      expect(await keys.recordUse(id, TIME, context), label).toBeUndefined();
      expect(await keys.delete(id, context), label).toBeUndefined();
      expect(await keys.list(context), label).toEqual([key]);
    }
  });

  test.for(CALLS)("%s throws `unavailable` and writes nothing if the signal has aborted", async ([, call]) => {
    const keys = await createRepository();
    const key = buildApiKey();
    await keys.insert(key, context);
    await expectUserError(call(keys, key, createAbortedContext()), "unavailable");
    expect(await keys.list(context)).toEqual([key]);
  });

  test("the abort of a request does not affect concurrent requests", async () => {
    const keys = await createRepository();
    const stored = generate(8, () => buildApiKey());
    for (const key of stored) await keys.insert(key, context);
    const { context: abortable, abort } = createAbortableContext();
    const aborted = stored.flatMap(({ id }): Promise<unknown>[] => [
      keys.list(abortable),
      keys.recordUse(id, TIME, abortable),
    ]);
    const revoked = stored.map(({ id }) => keys.revoke(id, TIME, createContext()));
    abort();
    // A call that has completed despite the abort may resolve.
    const { codes } = await settleAll(aborted);
    expect(codes).toEqual(codes.map(() => "unavailable"));
    expect((await Promise.all(revoked)).map((key) => key.revoked_at)).toEqual(stored.map(() => TIME));
    expect((await keys.list(context)).map((key) => key.revoked_at)).toEqual(stored.map(() => TIME));
  });
}

function listUnknownIds({ id, digest, name }: ApiKeyRecord): Record<string, string> {
  return {
    ...UNKNOWN_IDS,
    "the id with a trailing space": `${id} `,
    "a beginning of the id": id.slice(0, -1),
    "the digest": digest,
    "the name": name,
  };
}
