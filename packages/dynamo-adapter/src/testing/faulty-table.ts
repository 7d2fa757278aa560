import type { ApiKeyRecord, ApiKeyRepository, NewUser, RequestContext, UserRepository } from "@user-management/domain";
import { buildApiKey, buildUser, createContext } from "@user-management/domain/testing";
import { createDynamoApiKeyRepository, createDynamoUserRepository } from "../index.ts";
import { createUsersTable, type Dynamo } from "./dynamo.ts";
import type { ClientName } from "./clients.ts";
import { startFaultyEndpoint, type Call, type ChooseFault } from "./faulty-endpoint.ts";

/** The deadline of a request in tests, before the 5 seconds within which an operation must end. */
const DEADLINE_MS = 4_500;

export interface FaultyTable {
  /** The repository under test. Faults are injected into its calls until `recover` is called. */
  readonly users: UserRepository;
  /** A repository on the same table without faults. */
  readonly healthyUsers: UserRepository;
  /** The only user in the table. */
  readonly user: NewUser;
  /** The calls of `users`. */
  readonly calls: Call[];
  readonly recover: () => void;
}

/** Creates a table with one user, and a repository on it with the chosen faults. */
export async function createFaultyTable(
  dynamo: Dynamo,
  chooseFault: ChooseFault,
  clientName: ClientName = "the wire client",
): Promise<FaultyTable> {
  const { client: healthyClient, tableName } = await createUsersTable(dynamo);
  const healthyUsers = createDynamoUserRepository({ client: healthyClient, tableName });
  const user = buildUser();
  await healthyUsers.insert(user, undefined, createDeadlineContext());
  let isRecovered = false;
  const { client, calls } = await startFaultyEndpoint(
    dynamo,
    (call) => (isRecovered ? "none" : chooseFault(call)),
    clientName,
  );
  const users = createDynamoUserRepository({ client, tableName });
  return { users, healthyUsers, user, calls, recover: () => void (isRecovered = true) };
}

/** Creates the context of a new request with a deadline. */
export function createDeadlineContext(): RequestContext {
  return createContext({ signal: AbortSignal.timeout(DEADLINE_MS) });
}

/** Creates one function for each operation of the port. `user` is a stored user, and `getContext` is called per request. */
export function createOperations(users: UserRepository, user: NewUser, getContext = createDeadlineContext) {
  const updated_at = "2026-02-03T04:05:06.789Z";
  return {
    insert: () => users.insert(buildUser(), undefined, getContext()),
    get: () => users.get(user.user_id, getContext()),
    "two gets": () =>
      Promise.all([users.get(user.user_id, getContext()), users.get(buildUser().user_id, getContext())]),
    findByEmail: () => users.findBy("email", user.email, getContext()),
    list: () => users.list({ limit: 10 }, getContext()),
    update: () => users.update(user.user_id, { lastname: "Roe" }, { updated_at }, getContext()),
    "update of the email": () => users.update(user.user_id, { email: buildUser().email }, { updated_at }, getContext()),
    delete: () => users.delete(user.user_id, {}, getContext()),
  } satisfies Record<string, () => Promise<unknown>>;
}

export interface FaultyKeysTable {
  /** The repository under test. Faults are injected into its calls until `recover` is called. */
  readonly keys: ApiKeyRepository;
  /** A repository on the same table without faults. */
  readonly healthyKeys: ApiKeyRepository;
  /** The only key in the table. */
  readonly key: ApiKeyRecord;
  /** The calls of `keys`. */
  readonly calls: Call[];
  readonly recover: () => void;
}

/** Creates a table with one API key, and a repository on it with the chosen faults. */
export async function createFaultyKeysTable(
  dynamo: Dynamo,
  chooseFault: ChooseFault,
  clientName: ClientName = "the wire client",
): Promise<FaultyKeysTable> {
  const { client: healthyClient, keysTableName: tableName } = await createUsersTable(dynamo);
  const healthyKeys = createDynamoApiKeyRepository({ client: healthyClient, tableName });
  const key = buildApiKey();
  await healthyKeys.insert(key, createDeadlineContext());
  let isRecovered = false;
  const { client, calls } = await startFaultyEndpoint(
    dynamo,
    (call) => (isRecovered ? "none" : chooseFault(call)),
    clientName,
  );
  const keys = createDynamoApiKeyRepository({ client, tableName });
  return { keys, healthyKeys, key, calls, recover: () => void (isRecovered = true) };
}

/** Creates one function for each operation of the port. `key` is a stored key, and `getContext` is called per request. */
export function createKeyOperations(keys: ApiKeyRepository, key: ApiKeyRecord, getContext = createDeadlineContext) {
  const time = "2026-02-03T04:05:06.789Z";
  return {
    insert: () => keys.insert(buildApiKey(), getContext()),
    list: () => keys.list(getContext()),
    revoke: () => keys.revoke(key.id, time, getContext()),
    limitExpiry: () => keys.limitExpiry(key.id, time, getContext()),
    recordUse: () => keys.recordUse(key.id, time, getContext()),
    delete: () => keys.delete(buildApiKey().id, getContext()),
  } satisfies Record<string, () => Promise<unknown>>;
}
