import { describe, expect, test } from "vitest";
import { createUserImporter, EXAMPLE_FIELDS, UserError, type User, type UserImporterOptions } from "../index.ts";
import { createAbortedContext, createContext } from "../testing/fixtures.ts";
import { buildUser, createInMemoryUserRepository } from "../testing/index.ts";
import { expectUserError } from "../testing/settle.ts";

const context = createContext();
const NOW = "2026-06-15T10:00:00.000Z";
const DEFAULT_ID = "11111111-0000-8000-8000-000000000001";

async function createImporter(options: Partial<UserImporterOptions> = {}, ...stored: ReturnType<typeof buildUser>[]) {
  const users = createInMemoryUserRepository();
  for (const user of stored) await users.insert(user, undefined, context);
  const importRow = createUserImporter({
    users,
    now: () => new Date(NOW),
    onConflict: "fail",
    match: "user_id",
    isDryRun: false,
    ...options,
  });
  return { users, importRow: (row: unknown) => importRow(row, DEFAULT_ID, context) };
}

describe("a new user", () => {
  test("has the default id, version 1 and the current time if the row has none", async () => {
    const { users, importRow } = await createImporter();
    expect(await importRow(EXAMPLE_FIELDS)).toEqual({ outcome: "created", user_id: DEFAULT_ID });
    const user = { user_id: DEFAULT_ID, ...EXAMPLE_FIELDS, version: 1, created_at: NOW, updated_at: NOW };
    expect(await users.get(DEFAULT_ID, context)).toEqual(user);
    expect(await importRow(EXAMPLE_FIELDS)).toEqual({ outcome: "unchanged", user_id: DEFAULT_ID });
  });

  test("keeps the id, the version and the timestamps of the row", async () => {
    const { users, importRow } = await createImporter();
    const row = buildUser({ user_id: "any id / at all", version: 7, metadata: { tier: "" }, status: "suspended" });
    expect(await importRow(row)).toEqual({ outcome: "created", user_id: row.user_id });
    expect(await users.get(row.user_id, context)).toEqual(row);
  });

  test("of a legacy export has version 1 and the current time", async () => {
    const { users, importRow } = await createImporter();
    expect(await importRow({ user_id: "legacy", ...EXAMPLE_FIELDS, version: 0 })).toMatchObject({ outcome: "created" });
    expect(await users.get("legacy", context)).toMatchObject({ version: 1, created_at: NOW, updated_at: NOW });
  });
});

test.for<[string, unknown, string, string]>([
  ["an array", [], "#", "not-an-object"],
  ["an empty id", { ...EXAMPLE_FIELDS, user_id: "" }, "#/user_id", "empty"],
  ["an id that is a number", { ...EXAMPLE_FIELDS, user_id: 7 }, "#/user_id", "not-a-string"],
  ["a long id", { ...EXAMPLE_FIELDS, user_id: "x".repeat(256) }, "#/user_id", "too-long"],
  ["an id with a line feed", { ...EXAMPLE_FIELDS, user_id: "a\n" }, "#/user_id", "control-character"],
  ["an id with a lone surrogate", { ...EXAMPLE_FIELDS, user_id: "\uD800" }, "#/user_id", "malformed-text"],
  ["a fractional version", { ...EXAMPLE_FIELDS, version: 1.5 }, "#/version", "invalid-version"],
  ["a negative version", { ...EXAMPLE_FIELDS, version: -1 }, "#/version", "invalid-version"],
  ["a version that is text", { ...EXAMPLE_FIELDS, version: "1" }, "#/version", "invalid-version"],
  [
    "a time without milliseconds",
    { ...EXAMPLE_FIELDS, created_at: "2026-01-02T03:04:05Z" },
    "#/created_at",
    "invalid-time",
  ],
  [
    "a time that does not exist",
    { ...EXAMPLE_FIELDS, updated_at: "2026-02-30T00:00:00.000Z" },
    "#/updated_at",
    "invalid-time",
  ],
  ["an invalid field", { ...EXAMPLE_FIELDS, dob: "2027-01-01" }, "#/dob", "date-out-of-range"],
  ["an unknown field", { ...EXAMPLE_FIELDS, nickname: "secret" }, "#/nickname", "unknown-field"],
])("%s fails, and nothing is stored", async ([, row, pointer, code]) => {
  const { users, importRow } = await createImporter();
  const result = await importRow(row);
  expect(result).toMatchObject({ outcome: "failed", issues: [{ pointer, code, detail: expect.any(String) }] });
  expect(JSON.stringify(result)).not.toContain("secret");
  expect((await users.list({ limit: 1 }, context)).users).toEqual([]);
});

test("a row reports all of its issues, and its id only if that is valid", async () => {
  const { importRow } = await createImporter();
  const row = { ...EXAMPLE_FIELDS, user_id: "kept", version: "x", email: "x" };
  expect(await importRow(row)).toMatchObject({
    user_id: "kept",
    issues: [{ pointer: "#/version" }, { pointer: "#/email" }],
  });
  expect(await importRow({ ...row, user_id: "" })).toMatchObject({ user_id: undefined });
});

describe("a user that exists", () => {
  const stored = buildUser({ external_id: "ext-1", metadata: { tier: "gold" } });
  const changed = { ...stored, lastname: "Roe" };
  const byValue = { ...changed, user_id: undefined };
  const otherEmail = { ...byValue, email: "other@example.com" };

  test.for<[string, Partial<UserImporterOptions>, object, object]>([
    ["equal: unchanged", {}, stored, { outcome: "unchanged" }],
    ["equal, with skip", { onConflict: "skip" }, stored, { outcome: "unchanged" }],
    ["equal, with update", { onConflict: "update" }, stored, { outcome: "unchanged" }],
    ["changed, with fail", {}, changed, { outcome: "failed", issues: [{ code: "id-taken", pointer: "#/user_id" }] }],
    ["changed, with skip", { onConflict: "skip" }, changed, { outcome: "skipped" }],
    ["changed, with update", { onConflict: "update" }, changed, { outcome: "updated" }],
    ["its email, by id", { onConflict: "update" }, byValue, { outcome: "failed", issues: [{ code: "email-taken" }] }],
    ["its email, with fail", { match: "email" }, byValue, { outcome: "failed", issues: [{ code: "email-taken" }] }],
    ["its email, with skip", { match: "email", onConflict: "skip" }, byValue, { outcome: "skipped" }],
    ["its email, with update", { match: "email", onConflict: "update" }, byValue, { outcome: "updated" }],
    [
      "its external id, with update",
      { match: "external_id", onConflict: "update" },
      otherEmail,
      { outcome: "updated" },
    ],
    ["both, by external id", { match: "external_id", onConflict: "update" }, byValue, { outcome: "updated" }],
    [
      "its external id, by email",
      { match: "email" },
      otherEmail,
      { outcome: "failed", issues: [{ code: "external-id-taken" }] },
    ],
  ])("%s", async ([, options, row, result]) => {
    for (const isDryRun of [true, false]) {
      const { users, importRow } = await createImporter({ ...options, isDryRun }, stored);
      expect(await importRow(row)).toMatchObject(result);
      const isUpdated = "outcome" in result && result.outcome === "updated" && !isDryRun;
      const after = (await users.get(stored.user_id, context)) as User;
      expect({ lastname: after.lastname, version: after.version }).toEqual(
        isUpdated ? { lastname: "Roe", version: 2 } : { lastname: stored.lastname, version: 1 },
      );
      expect((await users.list({ limit: 10 }, context)).users).toHaveLength(1);
    }
  });

  test("is merged as the service merges an update, once", async () => {
    const { users, importRow } = await createImporter({ onConflict: "update" }, { ...stored, status: "suspended" });
    const row = {
      user_id: stored.user_id,
      ...EXAMPLE_FIELDS,
      email: stored.email,
      status: "active",
      metadata: { a: "b" },
    };
    expect(await importRow(row)).toMatchObject({ outcome: "updated" });
    const merged = { ...stored, metadata: { a: "b", tier: "gold" }, version: 2, updated_at: NOW };
    expect(await users.get(stored.user_id, context)).toEqual(merged);
    expect(await importRow(row)).toMatchObject({ outcome: "unchanged" });
  });

  test("is not updated with the email of another user", async () => {
    for (const isDryRun of [true, false]) {
      const other = buildUser();
      const { importRow } = await createImporter({ onConflict: "update", isDryRun }, stored, other);
      const row = { ...stored, email: other.email };
      expect(await importRow(row)).toMatchObject({ outcome: "failed", issues: [{ code: "email-taken" }] });
    }
  });

  test("is not updated with too many metadata members", async () => {
    const { importRow } = await createImporter({ onConflict: "update" }, stored);
    const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key-${index}`, "x"]));
    const result = { outcome: "failed", issues: [{ code: "too-many-members", pointer: "#/metadata" }] };
    expect(await importRow({ ...stored, metadata })).toMatchObject(result);
  });

  test.for([
    [2, { outcome: "updated" }],
    [100, { outcome: "failed", issues: [{ code: "stale-version", pointer: "#" }] }],
  ] as const)("is updated again after %i concurrent updates, a few times", async ([concurrentUpdates, result]) => {
    const { users } = await createImporter({}, stored);
    let left: number = concurrentUpdates;
    const update: typeof users.update = async (id, ...rest) => {
      if (left-- > 0) await users.update(id, { firstname: `Jane ${left}` }, { updated_at: NOW }, context);
      return users.update(id, ...rest);
    };
    const { importRow } = await createImporter({ users: { ...users, update }, onConflict: "update" });
    expect(await importRow(changed)).toMatchObject(result);
  });
});

test("an id that the store reserves fails", async () => {
  const users = createInMemoryUserRepository();
  const reserved = new UserError("id-taken");
  const insert = () => Promise.reject(reserved);
  const { importRow } = await createImporter({ users: { ...users, insert }, onConflict: "update" });
  expect(await importRow(EXAMPLE_FIELDS)).toMatchObject({
    outcome: "failed",
    issues: [{ code: "id-taken", detail: "is reserved by the store" }],
  });
});

test("an unavailable store is not an outcome", async () => {
  const users = createInMemoryUserRepository();
  const options = { users, now: () => new Date(NOW), onConflict: "fail", match: "user_id", isDryRun: false } as const;
  const importRow = createUserImporter(options);
  await expectUserError(importRow(EXAMPLE_FIELDS, DEFAULT_ID, createAbortedContext()), "unavailable");
});
