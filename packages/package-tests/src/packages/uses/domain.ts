import {
  ANONYMOUS_CALLER,
  createUserService,
  isUserError,
  UserError,
  type RequestContext,
  type User,
  type UserErrorCode,
  type UserRepository,
} from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/in-memory";

const users: UserRepository = createInMemoryUserRepository();
const service = createUserService({
  users,
  now: () => new Date(),
  generateId: () => "6f1c5b9e-0000-4000-8000-000000000000",
  digest: (text) => text,
});

export async function createUser(input: unknown, context: RequestContext): Promise<string> {
  const created = await service.create(input, { idempotencyKey: "key" }, context);
  // @ts-expect-error a replay has only the id of the user
  void created.user.lastname;
  return created.user_id;
}

export function getCode(error: UserError): UserErrorCode {
  // @ts-expect-error the code does not exist
  if (error.code === "nonsense") return error.code;
  return error.code;
}

export function findVersion(error: unknown): number | undefined {
  return isUserError(error) ? error.currentVersion : undefined;
}

export async function rename(user: User, context: RequestContext): Promise<User> {
  // @ts-expect-error the fields of a user are read-only
  user.lastname = "Roe";
  // @ts-expect-error the time of the update is missing
  await users.update(user.user_id, { lastname: "Roe" }, {}, context);
  // @ts-expect-error a date is a string
  await users.update(user.user_id, { dob: new Date() }, { updated_at: "2026-01-02T03:04:05.678Z" }, context);
  // @ts-expect-error the context is missing
  await service.get(user.user_id);
  return service.update(user.user_id, { lastname: "Roe" }, { ifVersionIn: [user.version] }, context);
}

export function throwIfAborted({ signal }: RequestContext): void {
  if (signal.aborted) throw signal.reason;
}

// @ts-expect-error the signal is missing
export const incompleteContext: RequestContext = { requestId: "1", caller: ANONYMOUS_CALLER };

// @ts-expect-error the domain has no clock of its own
createUserService({ users });

// @ts-expect-error the other methods of the repository are missing
export const incompleteRepository: UserRepository = { get: async () => undefined };

// @ts-expect-error the modules of the package are private
export type PrivateModule = typeof import("@user-management/domain/dist/users/user.js");
