import { expect, test, vi } from "vitest";
import { createUserService, UserError, type UserService } from "./index.ts";
import { createInMemoryUserRepository } from "./testing/index.ts";

const fields = {
  lastname: "Doe",
  dob: "1990-01-01",
  address: "123 Main St, City, Country",
  gender: "Male",
  email: "john.doe@example.com",
  phone_number: "1234567890",
};

function createService(): UserService & { setTime(iso: string): void } {
  let time = "2026-06-15T10:00:00.000Z";
  let made = 0;
  const service = createUserService({
    users: createInMemoryUserRepository(),
    now: () => new Date(time),
    newId: () => `00000000-0000-4000-8000-${String((made += 1)).padStart(12, "0")}`,
    digest: (text) => `digest of ${text}`,
  });
  return Object.assign(service, { setTime: (iso: string) => void (time = iso) });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => expect.fail("resolved"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).code;
}

test("a user is created at version 1, with the time", async () => {
  const service = createService();
  const created = await service.create(fields);
  const user = {
    user_id: "00000000-0000-4000-8000-000000000001",
    ...fields,
    version: 1,
    created_at: "2026-06-15T10:00:00.000Z",
    updated_at: "2026-06-15T10:00:00.000Z",
  };
  expect(created).toEqual({ replayed: false, user_id: user.user_id, user });
  expect(await service.find(user.user_id)).toEqual(user);
  expect(await service.findByEmail("JOHN.DOE@example.com")).toEqual(user);
  expect(await service.list({ limit: 10 })).toEqual({ users: [user], next: undefined });
});

test("a change raises the version and keeps the time of creation", async () => {
  const service = createService();
  const { user_id } = await service.create(fields);
  service.setTime("2026-06-16T00:00:00.000Z");
  expect(await service.change(user_id, { dob: "2026-06-16" }, { ifVersion: [1] })).toMatchObject({
    dob: "2026-06-16",
    version: 2,
    created_at: "2026-06-15T10:00:00.000Z",
    updated_at: "2026-06-16T00:00:00.000Z",
  });
  expect(await codeOf(service.change(user_id, { lastname: "Roe" }, { ifVersion: [1] }))).toBe("stale-version");
});

test("what is removed is not found", async () => {
  const service = createService();
  const { user_id } = await service.create(fields);
  expect(await codeOf(service.remove(user_id, { ifVersion: [2] }))).toBe("stale-version");
  await service.remove(user_id);
  expect(await service.find(user_id)).toBeUndefined();
  expect(await codeOf(service.remove(user_id))).toBe("not-found");
  expect(await codeOf(service.change(user_id, { lastname: "Roe" }))).toBe("not-found");
});

test("a body is judged before anything is looked up", async () => {
  const service = createService();
  expect(await codeOf(service.change("nobody", {}))).toBe("invalid-user");
});

test("a key replays the same content however it was written, for 24 hours", async () => {
  const service = createService();
  const first = await service.create(fields, { idempotencyKey: "key" });
  const rewritten = Object.fromEntries(Object.entries({ ...fields, lastname: " Doe " }).toReversed());
  service.setTime("2026-06-16T09:59:59.999Z");
  expect(await service.create(rewritten, { idempotencyKey: "key" })).toEqual({
    replayed: true,
    user_id: first.user_id,
  });
  expect(await codeOf(service.create({ ...fields, lastname: "Roe" }, { idempotencyKey: "key" }))).toBe(
    "idempotency-key-reused",
  );
  service.setTime("2026-06-16T10:00:00.000Z");
  expect(await codeOf(service.create(fields, { idempotencyKey: "key" }))).toBe("email-taken");
});

test("a day is a day of UTC, wherever the process runs", async () => {
  for (const zone of ["Etc/GMT+12", "Etc/GMT-14"]) {
    vi.stubEnv("TZ", zone);
    const service = createService();
    await service.create({ ...fields, dob: "2026-06-15" });
    expect(await codeOf(service.create({ ...fields, dob: "2026-06-16" }))).toBe("invalid-user");
  }
  vi.unstubAllEnvs();
});

test("neither key nor content is remembered, only their digests", async () => {
  const users = createInMemoryUserRepository();
  const remembered: unknown[] = [];
  const service = createUserService({
    users: { ...users, insert: (user, once) => users.insert(user, (remembered.push(once), once)) },
    now: () => new Date("2026-06-15T10:00:00.000Z"),
    newId: () => "00000000-0000-4000-8000-000000000001",
    digest: (text) => `${text.length} characters`,
  });
  await service.create(fields, { idempotencyKey: "the key" });
  const fingerprint = `${JSON.stringify(fields).length} characters`;
  const created_at = Date.parse("2026-06-15T10:00:00Z") / 1000;
  expect(remembered).toEqual([{ key: "7 characters", fingerprint, created_at, expires_at: created_at + 86_400 }]);
});

test("it answers while its store does", async () => {
  await expect(createService().probe()).resolves.toBeUndefined();
});
