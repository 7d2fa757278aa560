import { UserError, type Precondition, type UserRepository } from "@user-management/domain";
import { encodeItem, type Item } from "./client/attribute-value.ts";
import type { DynamoClient } from "./client/dynamo-client.ts";
import { getText, getVersion, isUserId, toClaimKey, toUser } from "./items.ts";
import { runOperation } from "./operation.ts";
import { createReadQueue } from "./read-queue.ts";
import { scanPage } from "./scan-page.ts";
import { transact } from "./transaction.ts";
import { updateInPlace } from "./update-in-place.ts";
import { createWrites, type AttributeUpdate } from "./writes.ts";

export interface DynamoUserRepositoryOptions {
  readonly client: DynamoClient;
  /** The name of a table with the key of {@link USERS_TABLE_DEFINITION}. */
  readonly tableName: string;
}

/**
 * Creates a repository on a DynamoDB table. One transaction writes a user, the item that claims its email and, if there
 * is one, the idempotency record.
 *
 * Legacy users have no version and no email claim. Their first update claims the email, and fails with `email-taken` if
 * another user has claimed it.
 */
export function createDynamoUserRepository({ client, tableName }: DynamoUserRepositoryOptions): UserRepository {
  const readItem = createReadQueue(client, tableName);
  const writes = createWrites(tableName);

  return {
    insert: (user, idempotency, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        const [existingUser, emailConflict, existingRecord] = await transact(
          client,
          [
            writes.putUser(user),
            writes.claimEmail(toClaimKey(user.email)!, user.user_id),
            ...(idempotency ? [writes.putRecord(idempotency, user.user_id)] : []),
          ],
          signal,
        );
        if (existingRecord?.item) {
          const { item } = existingRecord;
          if (getText(item, "fingerprint") !== idempotency?.fingerprint) throw new UserError("idempotency-key-reused");
          return String(getText(item, "owner_id"));
        }
        // An existing user with this id was stored by an earlier attempt of this insert, whose response was lost.
        if (emailConflict && !existingUser) throw new UserError("email-taken");
        return user.user_id;
      }),

    get: (id, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        const item = await readUser(id, signal);
        return item && toUser(item);
      }),

    findByEmail: (email, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        const key = toClaimKey(email);
        const claim = key && (await readItem(key, signal));
        const item = claim && (await readUser(String(getText(claim, "owner_id")), signal));
        // The user may have claimed another email between the two reads.
        return item && toClaimKey(getText(item, "email")) === key ? toUser(item) : undefined;
      }),

    list: (request, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        const { items, next } = await scanPage({ client, tableName, request, signal });
        return { users: items.map(toUser), next };
      }),

    update: (id, update, { updated_at, ifVersionIn }, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        const attributes: AttributeUpdate = { ...update, updated_at };
        let base: Item | undefined;
        if (update.email === undefined && (ifVersionIn === undefined || ifVersionIn.length === 1)) {
          const result = await updateInPlace({ client, tableName, id, attributes, version: ifVersionIn?.[0], signal });
          if ("user" in result) return result.user;
          base = result.item;
          // Only a legacy item, which has no version, must claim its email first.
          if (base && getVersion(base) !== undefined) throw createStaleVersionError(base);
        } else {
          base = await readUser(id, signal);
        }
        for (let releasesEmail = true; ;) {
          const user = requireItem(base, ifVersionIn);
          const oldKey = toClaimKey(getText(user, "email"));
          const newKey = update.email === undefined ? oldKey : toClaimKey(update.email);
          const failedConditions = await transact(
            client,
            [
              writes.updateUser(user, attributes),
              ...(newKey ? [writes.claimEmail(newKey, id)] : []),
              ...(oldKey && oldKey !== newKey && releasesEmail ? [writes.releaseEmail(oldKey, id)] : []),
            ],
            signal,
          );
          if (failedConditions.length === 0) {
            return toUser({ ...user, ...encodeItem({ ...attributes, version: (getVersion(user) ?? 0) + 1 }) });
          }
          const [changedUser, emailConflict] = failedConditions;
          if (changedUser) {
            base = changedUser.item;
            releasesEmail = true;
          } else if (emailConflict && newKey) throw new UserError("email-taken");
          else releasesEmail = false; // Another user owns the claim: two legacy users had the same email.
        }
      }),

    delete: (id, { ifVersionIn }, { signal }) =>
      runOperation({ table: "users", signal }, async () => {
        let base = await readUser(id, signal);
        for (let releasesEmail = true; ;) {
          const user = requireItem(base, ifVersionIn);
          const key = toClaimKey(getText(user, "email"));
          const failedConditions = await transact(
            client,
            [writes.deleteUser(user), ...(key && releasesEmail ? [writes.releaseEmail(key, id)] : [])],
            signal,
          );
          if (failedConditions.length === 0) return;
          const [changedUser] = failedConditions;
          if (changedUser) base = changedUser.item;
          releasesEmail = changedUser !== undefined;
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
