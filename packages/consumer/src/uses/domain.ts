import {
  createUserService,
  UserError,
  type User,
  type UserErrorCode,
  type UserRepository,
} from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/in-memory";

const users: UserRepository = createInMemoryUserRepository();
const service = createUserService({
  users,
  now: () => new Date(),
  newId: () => "6f1c5b9e-0000-4000-8000-000000000000",
  digest: (text) => text,
});

export async function idOf(input: unknown): Promise<string> {
  const created = await service.create(input, { idempotencyKey: "key" });
  // @ts-expect-error the user is not known when the answer is a replay
  void created.user.lastname;
  return created.user_id;
}

export function codeOf(error: UserError): UserErrorCode {
  // @ts-expect-error no such code
  if (error.code === "nonsense") return error.code;
  return error.code;
}

export async function rename(user: User): Promise<User> {
  // @ts-expect-error a user is changed by the service alone
  user.lastname = "Roe";
  // @ts-expect-error a change says when it is made
  await users.update(user.user_id, { lastname: "Roe" }, {});
  // @ts-expect-error a date is a string
  await users.update(user.user_id, { dob: new Date() }, { updated_at: "2026-01-02T03:04:05.678Z" });
  return service.change(user.user_id, { lastname: "Roe" }, { ifVersion: [user.version] });
}

// @ts-expect-error the domain has no clock of its own
createUserService({ users });

// @ts-expect-error half a repository
export const half: UserRepository = { find: async () => undefined };

// @ts-expect-error what is inside is nobody's business
export type Inside = typeof import("@user-management/domain/dist/user.js");
