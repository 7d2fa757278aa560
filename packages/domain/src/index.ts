export { canonicalEmail, type User } from "./user.ts";
export { UserError, type UserErrorCode, type UserIssue, type UserIssueCode } from "./user-error.ts";
export { GENDERS, newUserSchema, userChangeSchema, type UserChange, type UserFields } from "./user-fields.ts";
export { parseNewUser, parseUserChange } from "./parse-user.ts";
export type {
  NewUser,
  Once,
  Page,
  PageRequest,
  Precondition,
  UpdateOptions,
  UserRepository,
} from "./user-repository.ts";
export { createUserService, IDEMPOTENCY_SECONDS, type Created, type UserService } from "./user-service.ts";
