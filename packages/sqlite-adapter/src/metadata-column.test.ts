import type { DatabaseSync } from "node:sqlite";
import { MAX_METADATA_MEMBERS, type Metadata, type UserUpdate } from "@user-management/domain";
import { buildUser, createContext } from "@user-management/domain/testing";
import { expect, test } from "vitest";
import { createSqliteUserRepository } from "./index.ts";
import { openTemporaryDatabase } from "./testing/temporary-database.ts";

const context = createContext();
const updated_at = "2026-02-03T04:05:06.789Z";

/** Creates a repository with one user, whose metadata is edited by hand. */
async function createEdited(text: string | null) {
  const database = openTemporaryDatabase();
  const users = createSqliteUserRepository({ database });
  const user = buildUser();
  await users.insert(user, undefined, context);
  database.prepare("UPDATE users SET metadata = ?").run(text);
  return { database, users, user };
}

function readColumn(database: DatabaseSync): unknown {
  return database.prepare("SELECT metadata FROM users").get()!["metadata"];
}

const EDITED: [label: string, text: string, visible: Metadata | undefined][] = [
  ["is empty", "", undefined],
  ["is no JSON", "team=blue", undefined],
  ["is truncated", '{"team":"blu', undefined],
  ["has text after the object", '{"team":"blue"} x', undefined],
  ["is JSON5", "{team: 'blue'}", undefined],
  ["contains NUL", "{}\u0000", undefined],
  ["is a number", "7", undefined],
  ["is a string", '"blue"', undefined],
  ["is `null`", "null", undefined],
  ["has no member", " { } ", undefined],
  ["has a member that is not text", '{"count":7,"team":"blue"}', { team: "blue" }],
  ["has an invalid name", '{"a b":"x","__proto__":"x","team":"blue"}', { team: "blue" }],
];

test.for(EDITED)("a row whose metadata %s is readable", async ([, text, visible]) => {
  const { users, user } = await createEdited(text);
  const expected = { ...user, ...(visible && { metadata: visible }) };
  expect(await users.get(user.user_id, context)).toStrictEqual(expected);
  expect(await users.findBy("email", user.email, context)).toStrictEqual(expected);
  expect((await users.list({ limit: 10 }, context)).users).toStrictEqual([expected]);
});

test.for(EDITED)("a row whose metadata %s can be updated, beside concurrent writes", async ([, text, visible]) => {
  const { database, users, user } = await createEdited(text);
  const update = (fields: UserUpdate) => users.update(user.user_id, fields, { updated_at }, context);
  const [updated] = await Promise.all([
    update({ lastname: "Roe" }),
    users.insert(buildUser({ metadata: { a: "1" } }), undefined, context),
  ]);
  expect(updated.metadata).toEqual(visible);
  expect(database.prepare("SELECT metadata FROM users WHERE user_id = ?").get(user.user_id)).toEqual({
    metadata: text,
  });
  expect((await update({ metadata: { new: "x" } })).metadata).toEqual({ ...visible, new: "x" });
  expect((await update({ metadata: null })).metadata).toBeUndefined();
});

test("the column is NULL without members", async () => {
  const { database, users, user } = await createEdited(null);
  const update = (metadata: NonNullable<UserUpdate["metadata"]> | null) =>
    users.update(user.user_id, { metadata }, { updated_at }, context);
  for (const removal of [{ team: null }, null]) {
    await update({ team: "blue" });
    await update({});
    expect(readColumn(database)).toBe('{"team":"blue"}');
    await update(removal);
    expect(readColumn(database)).toBeNull();
  }
  await users.delete(user.user_id, {}, context);
  await users.insert({ ...user, metadata: {} }, undefined, context);
  expect(readColumn(database)).toBeNull();
});

test("the limit counts visible members, and only if the metadata is updated", async () => {
  const names = Array.from({ length: MAX_METADATA_MEMBERS + 1 }, (_, n) => `m${n}`);
  const members = Object.fromEntries(names.map((name) => [name, "x"]));
  const { users, user } = await createEdited(JSON.stringify({ ...members, count: 7 }));
  const update = (fields: UserUpdate) => users.update(user.user_id, fields, { updated_at }, context);
  expect((await update({ lastname: "Roe" })).metadata).toEqual(members);
  await expect(update({ metadata: { m0: "y" } })).rejects.toMatchObject({ code: "invalid-user" });
  const { m0: _, ...others } = members;
  expect((await update({ metadata: { m0: null } })).metadata).toEqual(others);
});
