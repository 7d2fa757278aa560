import {
  applyUpdate,
  UNIQUE_FIELDS,
  UserError,
  type Precondition,
  type UniqueFieldName,
  type UserRepository,
} from "@user-management/domain";
import { createClaimWrites } from "./claims.ts";
import type { Item } from "./client/attribute-value.ts";
import type { DynamoClient } from "./client/dynamo-client.ts";
import { getText, getVersion, isUserId, toClaimKey, toUser } from "./items.ts";
import { runOperation } from "./operation.ts";
import { createReadQueue, type OnRead } from "./read-queue.ts";
import { scanPage } from "./scan-page.ts";
import { transact } from "./transaction.ts";
import { updateInPlace } from "./update-in-place.ts";
import { createWrites } from "./writes.ts";

export interface DynamoUserRepositoryOptions {
  readonly client: DynamoClient;
  /** The name of a table with the key of {@link USERS_TABLE_DEFINITION}. */
  readonly tableName: string;
  /** Receives the size of each read. Defaults to none. */
  readonly onRead?: OnRead | undefined;
}

/**
 * Creates a repository on a DynamoDB table. One transaction writes a user, the items that claim its unique values and, if
 * there is one, the idempotency record.
 *
 * Legacy users have no version and no claims. Their first update claims the email, and fails with `email-taken` if another
 * user has claimed it.
 */
export function createDynamoUserRepository({ client, tableName, onRead }: DynamoUserRepositoryOptions): UserRepository {
  const readItem = createReadQueue(client, tableName, onRead);
  const writes = createWrites(tableName);

  return {
    insert: (user, idempotency, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        if (!isUserId(user.user_id)) throw new UserError("id-taken");
        const claims = createClaimWrites(writes, user.user_id, undefined, user);
        const record = idempotency ? [writes.putRecord(idempotency, user.user_id)] : [];
        const all = [writes.putUser(user), ...claims.writes, ...record];
        const [existingItem, ...failures] = await transact(client, all, signal);
        const existingRecord = failures[claims.writes.length]?.item;
        if (existingRecord) {
          if (getText(existingRecord, "fingerprint") !== idempotency?.fingerprint) {
            throw new UserError("idempotency-key-reused");
          }
          return String(getText(existingRecord, "owner_id"));
        }
        if (existingItem?.item) throw new UserError("id-taken", { existingUser: toUser(existingItem.item) });
        claims.handleFailures(failures, new Set());
        return user.user_id;
      }),

    get: (id, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        const item = await readUser(id, signal);
        return item && toUser(item);
      }),

    findBy: (field, value, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        const key = toClaimKey(field, value);
        const claim = key && (await readItem(key, signal));
        const item = claim && (await readUser(String(getText(claim, "owner_id")), signal));
        // The user may have claimed another value between the two reads.
        return item && toClaimKey(field, getText(item, field)) === key ? toUser(item) : undefined;
      }),

    list: (request, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        const { items, next } = await scanPage({ client, tableName, request, signal });
        return { users: items.map(toUser), next };
      }),

    update: (id, update, { updated_at, ifVersionIn }, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        let base: Item | undefined;
        const isClaimless = UNIQUE_FIELDS.every(({ field }) => update[field] === undefined);
        if (isClaimless && (ifVersionIn === undefined || ifVersionIn.length === 1)) {
          const options = { client, tableName, id, update, updated_at, version: ifVersionIn?.[0], signal };
          const result = await updateInPlace(options);
          if ("user" in result) return result.user;
          base = result.item;
          // Only a legacy item, which has no version, must claim its unique values first.
          if (base && getVersion(base) !== undefined) throw createStaleVersionError(base);
        } else {
          base = await readUser(id, signal);
        }
        for (let unowned = new Set<UniqueFieldName>(); ;) {
          const item = requireItem(base, ifVersionIn);
          const claims = createClaimWrites(writes, id, item, update, unowned);
          const all = [writes.updateUser(item, update, updated_at), ...claims.writes];
          const [changedUser, ...failures] = await transact(client, all, signal);
          if (changedUser) {
            base = changedUser.item;
            unowned = new Set();
          } else if (failures.length === 0) return applyUpdate(toUser(item), update, updated_at);
          else claims.handleFailures(failures, unowned);
        }
      }),

    delete: (id, { ifVersionIn }, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        let base = await readUser(id, signal);
        for (let unowned = new Set<UniqueFieldName>(); ;) {
          const item = requireItem(base, ifVersionIn);
          const claims = createClaimWrites(writes, id, item, undefined, unowned);
          const [changedUser, ...failures] = await transact(
            client,
            [writes.deleteUser(item), ...claims.writes],
            signal,
          );
          if (changedUser) {
            base = changedUser.item;
            unowned = new Set();
          } else if (failures.length === 0) return;
          else claims.handleFailures(failures, unowned);
        }
      }),
  };

  async function readUser(id: string, signal: AbortSignal): Promise<Item | undefined> {
    return isUserId(id) ? readItem(id, signal) : undefined;
  }
}

/**
 * Returns the item if it exists and has one of the required versions.
 *
 * @throws UserError `not-found` or `stale-version`
 */
function requireItem(item: Item | undefined, ifVersionIn: Precondition["ifVersionIn"]): Item {
  if (!item) throw new UserError("not-found");
  if (ifVersionIn && !ifVersionIn.includes(getVersion(item) ?? 0)) throw createStaleVersionError(item);
  return item;
}

function createStaleVersionError(item: Item): UserError {
  return new UserError("stale-version", { currentVersion: getVersion(item) ?? 0 });
}
