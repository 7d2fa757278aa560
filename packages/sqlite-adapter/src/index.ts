export { openUsersDatabase } from "./open-users-database.ts";
export { createSqliteUserRepository } from "./sqlite-user-repository.ts";
export { createSqliteApiKeyRepository } from "./sqlite-api-key-repository.ts";
