export { openUsersDatabase } from "./open-users-database.ts";
export { createSqliteUserRepository, type SqliteRepositoryOptions } from "./sqlite-user-repository.ts";
export { createSqliteApiKeyRepository } from "./sqlite-api-key-repository.ts";
export type { WriteQueueObserver, WriteQueueState } from "./write-queue.ts";
