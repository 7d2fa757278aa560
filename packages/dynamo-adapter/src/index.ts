export { claimEmails, type ClaimEmailsOptions, type ClaimProgress } from "./claim-emails.ts";
export { createDynamoClient } from "./dynamo-client.ts";
export { createDynamoUserRepository, type DynamoUserRepositoryOptions } from "./dynamo-user-repository.ts";
export { ensureUsersTable, UnsuitableTable } from "./ensure-users-table.ts";
export { DEFAULT_TABLE_NAME, TTL_ATTRIBUTE, USERS_TABLE_DEFINITION } from "./table.ts";
