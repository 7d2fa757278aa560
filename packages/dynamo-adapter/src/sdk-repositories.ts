import type { ApiKeyRepository, UserRepository } from "@user-management/domain";
import type { DynamoClient } from "./client/dynamo-client.ts";
import { toDynamoClient, type SdkClient } from "./client/sdk-client.ts";
import { createDynamoApiKeyRepository as createApiKeyRepository } from "./dynamo-api-key-repository.ts";
import { createDynamoUserRepository as createUserRepository } from "./dynamo-user-repository.ts";
import type { OnRead } from "./read-queue.ts";

/** The options of a repository on a table. */
export interface DynamoRepositoryOptions {
  /**
   * A client of the AWS SDK with timeouts, such as one of {@link createDynamoClient}, or a wire client. The caller closes
   * it.
   */
  readonly client: DynamoClient | SdkClient;
  /** The name of a table with the key of {@link USERS_TABLE_DEFINITION} or of {@link KEYS_TABLE_DEFINITION}. */
  readonly tableName: string;
}

/**
 * Creates a repository on a DynamoDB table. One transaction writes a user, the item that claims its email and, if there
 * is one, the idempotency record.
 *
 * Legacy users have no version and no email claim. Their first update claims the email, and fails with `email-taken` if
 * another user has claimed it.
 */
export function createDynamoUserRepository({
  client,
  ...options
}: DynamoRepositoryOptions & {
  /** Receives the size of each read. Defaults to none. */
  readonly onRead?: OnRead | undefined;
}): UserRepository {
  return createUserRepository({ ...options, client: toDynamoClient(client) });
}

/** Creates a repository of API keys on a DynamoDB table of their own. */
export function createDynamoApiKeyRepository({ client, tableName }: DynamoRepositoryOptions): ApiKeyRepository {
  return createApiKeyRepository({ client: toDynamoClient(client), tableName });
}
