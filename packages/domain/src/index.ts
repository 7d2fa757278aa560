export type { RequestContext } from "./request-context.ts";
export {
  isUserError,
  USER_ERROR_CODES,
  USER_ERROR_MESSAGES,
  USER_ISSUE_CODES,
  UserError,
  type UserErrorCode,
  type UserIssue,
  type UserIssueCode,
} from "./errors.ts";
export {
  ANONYMOUS_CALLER,
  EXPIRED,
  hasScope,
  INVALID,
  SCOPES,
  type Authentication,
  type AuthenticationMethod,
  type Caller,
  type Scope,
} from "./access/caller.ts";
export {
  apiKeyNameSchema,
  apiKeyScopesSchema,
  getApiKeyState,
  MAX_API_KEYS,
  type ApiKeyRecord,
} from "./access/api-key.ts";
export { compareApiKeys, normalizeApiKey, type StoredApiKey } from "./access/stored-api-key.ts";
export type { ApiKeyRepository } from "./access/api-key-repository.ts";
export {
  createApiKeyService,
  type ApiKeyService,
  type ApiKeyServiceOptions,
  type CreatedApiKey,
  type NewApiKey,
} from "./access/api-key-service.ts";
export { createApiKeyList, type ApiKeyList, type ApiKeyListOptions } from "./access/api-key-list.ts";
export type { TokenVerifier } from "./access/token-verifier.ts";
export {
  createAuthenticator,
  type AuthenticationMode,
  type Authenticator,
  type AuthenticatorOptions,
} from "./access/authenticator.ts";
export type { User } from "./users/user.ts";
export { applyUpdate } from "./users/apply-update.ts";
export {
  createTooManyMembersError,
  MAX_METADATA_MEMBERS,
  MAX_METADATA_VALUE_LENGTH,
  METADATA_NAME,
  normalizeMetadata,
  type Metadata,
  type MetadataPatch,
} from "./users/metadata.ts";
export { DEFAULT_STATUS, GENDERS, STATUSES, type Status } from "./users/value-schemas.ts";
export {
  canonicalizeEmail,
  EXAMPLE_FIELDS,
  newUserSchema,
  UNIQUE_FIELDS,
  USER_FIELD_NAMES,
  USER_FIELDS,
  userUpdateSchema,
  type UniqueFieldName,
  type UserFieldName,
  type UserFields,
  type UserUpdate,
} from "./users/user-fields.ts";
export { describeIssue } from "./users/issue-details.ts";
export { parseNewUser, parseUserUpdate } from "./users/parse-user.ts";
export type {
  IdempotencyRecord,
  NewUser,
  Page,
  PageRequest,
  Precondition,
  UpdateOptions,
  UserRepository,
} from "./users/user-repository.ts";
export {
  createUserImporter,
  type ImportIssue,
  type ImportOutcome,
  type ImportRow,
  type UserImporterOptions,
} from "./users/import-users.ts";
export type { UserRowIssue, UserRowIssueCode } from "./users/parse-user-row.ts";
export { createAuditedUserService, type AuditRecord } from "./users/audited-user-service.ts";
export {
  createUserService,
  IDEMPOTENCY_KEY_TTL_S,
  type CreateOptions,
  type CreateResult,
  type UserService,
} from "./users/user-service.ts";
