import { expect, test, vi } from "vitest";
import {
  createUserService,
  EXAMPLE_FIELDS,
  SCOPES,
  type AuthenticationMethod,
  type IdempotencyRecord,
  type UserService,
} from "../index.ts";
import { createAbortableContext, createContext } from "../testing/fixtures.ts";
import { createInMemoryUserRepository } from "../testing/index.ts";
import { expectUserError } from "../testing/settle.ts";

const context = createContext();

function createService(): UserService & { setTime(iso: string): void } {
  let time = "2026-06-15T10:00:00.000Z";
  let idCount = 0;
  const service = createUserService({
    users: createInMemoryUserRepository(),
    now: () => new Date(time),
    generateId: () => `00000000-0000-4000-8000-${String((idCount += 1)).padStart(12, "0")}`,
    digest: (text) => `digest of ${text}`,
  });
  return Object.assign(service, { setTime: (iso: string) => void (time = iso) });
}

test("creates a user at version 1 with the current time", async () => {
  const service = createService();
  const created = await service.create(EXAMPLE_FIELDS, {}, context);
  const user = {
    user_id: "00000000-0000-4000-8000-000000000001",
    ...EXAMPLE_FIELDS,
    version: 1,
    created_at: "2026-06-15T10:00:00.000Z",
    updated_at: "2026-06-15T10:00:00.000Z",
  };
  expect(created).toEqual({ replayed: false, user_id: user.user_id, user });
  expect(await service.get(user.user_id, context)).toEqual(user);
  expect(await service.findBy("email", "JOHN.DOE@example.com", context)).toEqual(user);
  expect(await service.list({ limit: 10 }, context)).toEqual({ users: [user], next: undefined });
});

test("an update increments the version and keeps the creation time", async () => {
  const service = createService();
  const { user_id } = await service.create(EXAMPLE_FIELDS, {}, context);
  service.setTime("2026-06-16T00:00:00.000Z");
  expect(await service.update(user_id, { dob: "2026-06-16" }, { ifVersionIn: [1] }, context)).toMatchObject({
    dob: "2026-06-16",
    version: 2,
    created_at: "2026-06-15T10:00:00.000Z",
    updated_at: "2026-06-16T00:00:00.000Z",
  });
  const secondUpdate = service.update(user_id, { lastname: "Roe" }, { ifVersionIn: [1] }, context);
  await expectUserError(secondUpdate, "stale-version");
});

test("a deleted user is not found", async () => {
  const service = createService();
  const { user_id } = await service.create(EXAMPLE_FIELDS, {}, context);
  await expectUserError(service.delete(user_id, { ifVersionIn: [2] }, context), "stale-version");
  await service.delete(user_id, {}, context);
  expect(await service.get(user_id, context)).toBeUndefined();
  await expectUserError(service.delete(user_id, {}, context), "not-found");
  await expectUserError(service.update(user_id, { lastname: "Roe" }, {}, context), "not-found");
});

test("validates an update before it looks for the user", async () => {
  const service = createService();
  await expectUserError(service.update("unknown", {}, {}, context), "invalid-user");
});

test("replays a request with the same idempotency key and equivalent content for 24 hours", async () => {
  const service = createService();
  const options = { idempotencyKey: "key" };
  const first = await service.create(EXAMPLE_FIELDS, options, context);
  const equivalent = Object.fromEntries(Object.entries({ ...EXAMPLE_FIELDS, lastname: " Doe " }).toReversed());
  service.setTime("2026-06-16T09:59:59.999Z");
  expect(await service.create(equivalent, options, context)).toEqual({ replayed: true, user_id: first.user_id });
  const other = { ...EXAMPLE_FIELDS, lastname: "Roe" };
  await expectUserError(service.create(other, options, context), "idempotency-key-reused");
  service.setTime("2026-06-16T10:00:00.000Z");
  await expectUserError(service.create(EXAMPLE_FIELDS, options, context), "email-taken");
});

test("idempotency keys of different callers are independent", async () => {
  const service = createService();
  const callers: [label: string, id: string | undefined, auth: AuthenticationMethod][] = [
    ["an anonymous caller", undefined, "none"],
    ["a key", "one", "key"],
    ["another key", "two", "key"],
    ["a token with the id of the first key", "one", "token"],
  ];
  const ids = new Set<string>();
  for (const [label, id, auth] of callers) {
    const ofCaller = createContext({ caller: { id, auth, scopes: SCOPES } });
    const fields = { ...EXAMPLE_FIELDS, email: `${ids.size}@example.com` };
    const first = await service.create(fields, { idempotencyKey: "key" }, ofCaller);
    expect(first.replayed, label).toBe(false);
    const second = await service.create(fields, { idempotencyKey: "key" }, ofCaller);
    expect(second, label).toEqual({ replayed: true, user_id: first.user_id });
    ids.add(first.user_id);
  }
  expect(ids.size).toBe(callers.length);
});

test("the current date is the date in UTC, in any time zone of the process", async () => {
  for (const zone of ["Etc/GMT+12", "Etc/GMT-14"]) {
    vi.stubEnv("TZ", zone);
    const service = createService();
    await service.create({ ...EXAMPLE_FIELDS, dob: "2026-06-15" }, {}, context);
    const tomorrow = service.create({ ...EXAMPLE_FIELDS, dob: "2026-06-16" }, {}, context);
    await expectUserError(tomorrow, "invalid-user");
  }
  vi.unstubAllEnvs();
});

test("stores digests of the idempotency key and the content, and neither of them in clear", async () => {
  const users = createInMemoryUserRepository();
  const records: (IdempotencyRecord | undefined)[] = [];
  const service = createUserService({
    users: { ...users, insert: (user, record, ...rest) => users.insert(user, (records.push(record), record), ...rest) },
    now: () => new Date("2026-06-15T10:00:00.000Z"),
    generateId: () => "00000000-0000-4000-8000-000000000001",
    digest: (text) => `${text.length} characters`,
  });
  await service.create(EXAMPLE_FIELDS, { idempotencyKey: "the key" }, context);
  const fingerprint = `${JSON.stringify(EXAMPLE_FIELDS).length} characters`;
  const created_at = Date.parse("2026-06-15T10:00:00Z") / 1000;
  expect(records).toEqual([{ key: "7 characters", fingerprint, created_at, expires_at: created_at + 86_400 }]);
});

test("ping resolves if the store is available", async () => {
  await expect(createService().ping(context)).resolves.toBeUndefined();
});

test("every use case throws `unavailable` if the signal of its context has aborted", async () => {
  const service = createService();
  const { user_id } = await service.create(EXAMPLE_FIELDS, {}, context);
  const { context: aborted, abort } = createAbortableContext();
  abort();
  const useCases: { [Name in keyof UserService]: () => Promise<unknown> } = {
    create: () => service.create({ ...EXAMPLE_FIELDS, email: "jane.doe@example.com" }, {}, aborted),
    get: () => service.get(user_id, aborted),
    findBy: () => service.findBy("email", EXAMPLE_FIELDS.email, aborted),
    list: () => service.list({ limit: 10 }, aborted),
    update: () => service.update(user_id, { lastname: "Roe" }, {}, aborted),
    delete: () => service.delete(user_id, {}, aborted),
    ping: () => service.ping(aborted),
  };
  for (const useCase of Object.values(useCases)) await expectUserError(useCase(), "unavailable");
});
