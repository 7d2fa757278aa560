export { claimEmails, type ClaimEmailsOptions, type ClaimProgress } from "./claim-emails.ts";
export { createDynamoClient } from "./client/document-client.ts";
export type { DynamoClient } from "./client/dynamo-client.ts";
export type { CallOutcome, CallRecord, OnCall } from "./client/observe-call.ts";
export type { SdkClient } from "./client/sdk-client.ts";
export { createSdkConnection } from "./client/sdk-connection.ts";
export { createWireClient, type WireClient, type WireClientOptions } from "./client/wire-client.ts";
export { ensureKeysTable, ensureUsersTable, UnsuitableTable } from "./ensure-tables.ts";
export { createImportItems } from "./import-items.ts";
export type { OnRead } from "./read-queue.ts";
export {
  createDynamoApiKeyRepository,
  createDynamoUserRepository,
  type DynamoRepositoryOptions,
} from "./sdk-repositories.ts";
export {
  DEFAULT_TABLE_NAME,
  getDefaultKeysTableName,
  KEYS_TABLE_DEFINITION,
  TTL_ATTRIBUTE,
  USERS_TABLE_DEFINITION,
} from "./table.ts";
