import {
  createApiKeyService,
  SCOPES,
  type ApiKeyRepository,
  type CreatedApiKey,
  type NewApiKey,
} from "@user-management/domain";
import { createContext } from "@user-management/domain/testing";
import { nodePlatform } from "@user-management/node-platform";
import { createSqliteApiKeyRepository, openUsersDatabase } from "@user-management/sqlite-adapter";

/** Creates an API key in a store, by default one with all scopes that never expires. */
export function createKey(keys: ApiKeyRepository, options: Partial<NewApiKey> = {}): Promise<CreatedApiKey> {
  const service = createApiKeyService({ keys, ...nodePlatform });
  return service.create({ name: "test", scopes: SCOPES, ...options }, createContext());
}

/** Creates an API key in a SQLite file, also while a server uses the file, as an operator does. */
export async function createKeyInFile(path: string, options: Partial<NewApiKey> = {}): Promise<CreatedApiKey> {
  const database = openUsersDatabase(path);
  try {
    return await createKey(createSqliteApiKeyRepository({ database }), options);
  } finally {
    database.close();
  }
}
