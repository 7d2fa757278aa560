import { expect, test } from "vitest";
import {
  ANONYMOUS_CALLER,
  createAuditedUserService,
  createUserService,
  EXAMPLE_FIELDS,
  SCOPES,
  USER_FIELD_NAMES,
  type AuditRecord,
  type Caller,
  type UserService,
} from "../index.ts";
import { buildUser, createAbortedContext, createContext } from "../testing/fixtures.ts";
import { createInMemoryUserRepository } from "../testing/index.ts";
import { expectUserError } from "../testing/settle.ts";

const ID = "00000000-0000-4000-8000-000000000001";
const UNKNOWN_ID = "00000000-0000-4000-8000-00000000000F";
const caller: Caller = { id: "c5CChTcaY89j", auth: "key", scopes: SCOPES };
const context = createContext({ requestId: "the-id", caller });
const COMMON = { caller: "c5CChTcaY89j", auth: "key", request_id: "the-id" };

/** Creates a service whose first user has the id {@link ID}. Methods in `replaced` replace those of the use cases. */
function createTestService(replaced: Partial<UserService> = {}) {
  const repository = createInMemoryUserRepository();
  let count = 0;
  const service = createUserService({
    users: repository,
    now: () => new Date("2026-06-15T10:00:00.000Z"),
    generateId: () => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, "0")}`,
    digest: (text) => `digest of ${text}`,
  });
  const records: AuditRecord[] = [];
  const users = createAuditedUserService({ ...service, ...replaced }, (record) => void records.push(record));
  return { users, records, repository };
}

test("reports each successful write with the caller, the user and the names of the fields", async () => {
  const { users, records } = createTestService();
  const created = await users.create(EXAMPLE_FIELDS, {}, context);
  expect(created).toMatchObject({ replayed: false, user_id: ID });
  expect(await users.update(ID, { lastname: "Roe", address: "1 St" }, {}, context)).toHaveProperty("version", 2);
  expect(await users.delete(ID, { ifVersionIn: [2] }, context)).toBeUndefined();
  const fields = USER_FIELD_NAMES.filter((name) => Object.hasOwn(EXAMPLE_FIELDS, name));
  expect(records).toStrictEqual([
    { action: "users.create", user_id: ID, fields, outcome: "success", ...COMMON },
    { action: "users.update", user_id: ID, fields: ["lastname", "address"], outcome: "success", ...COMMON },
    { action: "users.delete", user_id: ID, outcome: "success", ...COMMON },
  ]);
});

test("reports a replay with the user of the earlier request", async () => {
  const { users, records } = createTestService();
  for (let count = 0; count < 2; count += 1) await users.create(EXAMPLE_FIELDS, { idempotencyKey: "key" }, context);
  expect(records).toMatchObject([
    { user_id: ID, outcome: "success" },
    { user_id: ID, outcome: "replayed" },
  ]);
});

test("reports a failed write with the code of the error, and rethrows the error", async () => {
  const { users, records } = createTestService();
  await users.create(EXAMPLE_FIELDS, { idempotencyKey: "key" }, context);
  const other = { ...EXAMPLE_FIELDS, lastname: "Roe" };
  await expectUserError(users.create({ lastname: "Roe", dob: 7 }, {}, context), "invalid-user");
  await expectUserError(users.create(EXAMPLE_FIELDS, {}, context), "email-taken");
  await expectUserError(users.create(other, { idempotencyKey: "key" }, context), "idempotency-key-reused");
  await expectUserError(users.update(ID, { lastname: "Roe" }, { ifVersionIn: [7] }, context), "stale-version");
  await expectUserError(users.update(UNKNOWN_ID, { lastname: "Roe" }, {}, context), "not-found");
  await expectUserError(users.delete(UNKNOWN_ID, {}, context), "not-found");
  await expectUserError(users.delete(ID, {}, createAbortedContext()), "unavailable");
  expect(records.slice(1).map(({ action, user_id, outcome }) => [action, user_id, outcome])).toEqual([
    ["users.create", undefined, "invalid-user"],
    ["users.create", undefined, "email-taken"],
    ["users.create", undefined, "idempotency-key-reused"],
    ["users.update", ID, "stale-version"],
    ["users.update", UNKNOWN_ID, "not-found"],
    ["users.delete", UNKNOWN_ID, "not-found"],
    ["users.delete", ID, "unavailable"],
  ]);
});

test("reports an unexpected error as `internal`, without its message, and rethrows it", async () => {
  const bug = new TypeError("john.doe@example.com is undefined");
  const { users, records } = createTestService({ delete: () => Promise.reject(bug) });
  await expect(users.delete(ID, {}, context)).rejects.toBe(bug);
  expect(records).toStrictEqual([{ action: "users.delete", user_id: ID, outcome: "internal", ...COMMON }]);
});

test("reports an anonymous caller without an id", async () => {
  const { users, records } = createTestService();
  await users.create(EXAMPLE_FIELDS, {}, createContext({ requestId: "the-id", caller: ANONYMOUS_CALLER }));
  expect(records[0]).not.toHaveProperty("caller");
  expect(records[0]).toMatchObject({ auth: "none", request_id: "the-id" });
});

test("reports only the names of known fields, for any input", async () => {
  const { users, records } = createTestService();
  const inputs = [{ dob: 7, "secret@example.com": 1, user_id: ID, __proto__: { lastname: "x" } }, ["x"], "x", 7, null];
  for (const input of [...inputs, undefined]) await expectUserError(users.create(input, {}, context), "invalid-user");
  expect(records.map(({ fields }) => fields)).toEqual([["dob"], [], [], [], [], []]);
});

test("reports an id that is not a UUID only if a user has it", async () => {
  const { users, records, repository } = createTestService();
  await repository.insert(buildUser({ user_id: "legacy-7" }), undefined, context);
  await users.update("legacy-7", { lastname: "Roe" }, {}, context);
  await expectUserError(users.update("john.doe@example.com", { lastname: "Roe" }, {}, context), "not-found");
  await expectUserError(users.delete("john.doe@example.com", {}, context), "not-found");
  await users.delete("legacy-7", {}, context);
  expect(records.map(({ user_id }) => user_id)).toEqual(["legacy-7", undefined, undefined, "legacy-7"]);
});

test("reports no value of a field, and no idempotency key", async () => {
  const { users, records } = createTestService();
  await users.create(EXAMPLE_FIELDS, { idempotencyKey: "the-secret-key" }, context);
  await users.update(ID, { email: "jane.roe@example.com" }, {}, context);
  await expectUserError(users.create({ gender: "secret-gender" }, {}, context), "invalid-user");
  const text = JSON.stringify(records);
  for (const value of Object.values(EXAMPLE_FIELDS)) expect(text).not.toContain(value);
  expect(text).not.toMatch(/jane|secret/);
});

test("reports no read", async () => {
  const { users, records } = createTestService();
  await users.get(ID, context);
  await users.findBy("email", EXAMPLE_FIELDS.email, context);
  await users.list({ limit: 10 }, context);
  await users.ping(context);
  expect(records).toEqual([]);
});
