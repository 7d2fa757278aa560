export { createDynamoClient } from "./dynamo-client.ts";
export { createDynamoUserRepository, type DynamoUserRepositoryOptions } from "./dynamo-user-repository.ts";
export { DEFAULT_TABLE_NAME, TTL_ATTRIBUTE, usersTable } from "./table.ts";
