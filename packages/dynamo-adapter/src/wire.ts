/** The repositories on the wire client, without the AWS SDK: for functions that must start fast. */
export { createEnvironmentConnection } from "./client/environment-connection.ts";
export { createWireClient, type WireClient, type WireClientOptions } from "./client/wire-client.ts";
export { createDynamoApiKeyRepository, type DynamoApiKeyRepositoryOptions } from "./dynamo-api-key-repository.ts";
export { createDynamoUserRepository, type DynamoUserRepositoryOptions } from "./dynamo-user-repository.ts";
