import type { AuthenticationMethod } from "../access/caller.ts";
import { isUserError, type UserErrorCode } from "../errors.ts";
import type { RequestContext } from "../request-context.ts";
import { USER_FIELD_NAMES } from "./user-fields.ts";
import type { UserService } from "./user-service.ts";

/** An attempted write, for the audit log. It contains no value of a field. */
export interface AuditRecord {
  readonly action: "users.create" | "users.update" | "users.delete";
  /** The id of the caller; absent if the caller is anonymous. */
  readonly caller?: string;
  readonly auth: AuthenticationMethod;
  /** Absent if no user was created, or if a client sent an unknown id that is not a UUID. */
  readonly user_id?: string;
  /** The names of the fields in the input of a create or update. */
  readonly fields?: readonly string[];
  /** `replayed` if an idempotency key returned the user of an earlier request; `internal` for an unexpected error. */
  readonly outcome: "success" | "replayed" | UserErrorCode | "internal";
  readonly request_id: string;
}

/** Wraps the use cases so that each attempt to write is reported, once its outcome is known. */
export function createAuditedUserService(users: UserService, onWrite: (record: AuditRecord) => void): UserService {
  return {
    ...users,

    create: (input, options, context) =>
      audit(
        { action: "users.create", fields: listFields(input) },
        context,
        () => users.create(input, options, context),
        ({ user_id, replayed }) => ({ user_id, outcome: replayed ? "replayed" : "success" }),
      ),

    update: (id, input, precondition, context) =>
      audit(
        { action: "users.update", ...toUserId(id), fields: listFields(input) },
        context,
        () => users.update(id, input, precondition, context),
        () => ({ user_id: id, outcome: "success" }),
      ),

    delete: (id, precondition, context) =>
      audit(
        { action: "users.delete", ...toUserId(id) },
        context,
        () => users.delete(id, precondition, context),
        () => ({ user_id: id, outcome: "success" }),
      ),
  };

  async function audit<Result>(
    attempt: Pick<AuditRecord, "action" | "user_id" | "fields">,
    { caller: { id, auth }, requestId: request_id }: RequestContext,
    write: () => Promise<Result>,
    describe: (result: Result) => Pick<AuditRecord, "user_id" | "outcome">,
  ): Promise<Result> {
    const common = { ...attempt, ...(id !== undefined && { caller: id }), auth, request_id };
    let result: Result;
    try {
      result = await write();
    } catch (error) {
      onWrite({ ...common, outcome: isUserError(error) ? error.code : "internal" });
      throw error;
    }
    onWrite({ ...common, ...describe(result) });
    return result;
  }
}

function listFields(input: unknown): string[] {
  if (typeof input !== "object" || input === null) return [];
  return USER_FIELD_NAMES.filter((field) => Object.hasOwn(input, field));
}

/** RFC 9562 section 4. Any other text that names no user could be anything, such as an email. */
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

function toUserId(id: string): Pick<AuditRecord, "user_id"> {
  return UUID.test(id) ? { user_id: id } : {};
}
