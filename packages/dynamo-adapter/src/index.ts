export { claimEmails, type ClaimEmailsOptions, type ClaimProgress } from "./claim-emails.ts";
export { createDynamoApiKeyRepository, type DynamoApiKeyRepositoryOptions } from "./dynamo-api-key-repository.ts";
export { createDynamoClient } from "./dynamo-client.ts";
export { createDynamoUserRepository, type DynamoUserRepositoryOptions } from "./dynamo-user-repository.ts";
export { ensureKeysTable, ensureUsersTable, UnsuitableTable } from "./ensure-tables.ts";
export {
  DEFAULT_TABLE_NAME,
  getDefaultKeysTableName,
  KEYS_TABLE_DEFINITION,
  TTL_ATTRIBUTE,
  USERS_TABLE_DEFINITION,
} from "./table.ts";
