import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { ScanCommand, UpdateCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { UserError, type Precondition, type User, type UserRepository } from "@user-management/domain";
import { attemptsOf } from "./dynamo-failure.ts";
import { inTime } from "./in-time.ts";
import { claimKey, isKey, isUserId, userOf, usersOnly, versionOf, type Item } from "./items.ts";
import { createReadQueue } from "./read-queue.ts";
import { itemIn, transact } from "./transaction.ts";
import { createWrites, updateOf } from "./writes.ts";

export interface DynamoUserRepositoryOptions {
  /** A client with timeouts, such as {@link createDynamoClient} makes; whoever made it destroys it. */
  readonly client: DynamoDBDocumentClient;
  /** A table of the shape of {@link usersTable}. */
  readonly tableName: string;
}

/**
 * Users in a DynamoDB table. An email address is claimed by an item beside the user, written in the same transaction,
 * so that no two users can have one; an idempotency key is remembered by another.
 *
 * Users whom the original service has written have no version and no claim. They are served as they are; the first
 * change claims their address, or is refused with `email-taken` when another user has it by then.
 */
export function createDynamoUserRepository({ client, tableName }: DynamoUserRepositoryOptions): UserRepository {
  const read = createReadQueue(client, tableName);
  const writes = createWrites(tableName);

  return {
    insert: (user, once) =>
      inTime(async (signal) => {
        const [own, claimed, remembered] = await transact(
          client,
          [
            writes.insert(user),
            writes.claim(claimKey(user.email)!, user.user_id),
            ...(once ? [writes.remember(once, user.user_id)] : []),
          ],
          signal,
        );
        if (remembered?.item) {
          const { fingerprint, owner_id } = remembered.item;
          if (fingerprint !== once?.fingerprint) throw new UserError("idempotency-key-reused");
          return String(owner_id);
        }
        // That this very user exists means that an attempt of ours, whose answer was lost, has stored it.
        if (claimed && !own) throw new UserError("email-taken");
        return user.user_id;
      }),

    find: (id) =>
      inTime(async () => {
        const item = await readUser(id);
        return item && userOf(item);
      }),

    findByEmail: (email) =>
      inTime(async () => {
        const key = claimKey(email);
        const claim = key && (await read(key));
        const item = claim && (await readUser(String(claim["owner_id"])));
        // Between the two reads the user may have taken another address.
        return item && claimKey(item["email"]) === key ? userOf(item) : undefined;
      }),

    list: ({ limit, after }) =>
      inTime(async (abortSignal) => {
        const items: Item[] = [];
        let start: Item | undefined = after !== undefined && isKey(after) ? { user_id: after } : undefined;
        for (let scans = 0; scans === 0 || (start && items.length <= limit); scans += 1) {
          const scan = new ScanCommand({
            ...usersOnly,
            TableName: tableName,
            ConsistentRead: true,
            // Every user has a claim beside it, so that twice as many items hold what is wanted and one user more.
            // Where they do not, as among records that have expired, ever longer strides find the next user.
            Limit: Math.min(2 * (limit + 1) * 2 ** scans, 4_000),
            ExclusiveStartKey: start,
          });
          const { Items = [], LastEvaluatedKey } = await client.send(scan, { abortSignal });
          items.push(...Items);
          start = LastEvaluatedKey;
        }
        const users = items.slice(0, limit).map(userOf);
        return { users, next: items.length > limit ? users.at(-1)?.user_id : undefined };
      }),

    update: (id, change, { updated_at, ifVersion }) =>
      inTime(async (signal) => {
        const written: Item = { ...change, updated_at };
        let base: Item | undefined;
        if (change.email === undefined && (ifVersion === undefined || ifVersion.length === 1)) {
          const outcome = await updateInPlace(id, written, ifVersion?.[0], signal);
          if ("user" in outcome) return outcome.user;
          base = outcome.item;
          // Without a version it is of the original service, and has to claim its address as well.
          if (base && versionOf(base) !== undefined) throw stale(base);
        } else {
          base = await readUser(id);
        }
        for (let freeing = true; ;) {
          const user = demand(base, ifVersion);
          const oldKey = claimKey(user["email"]);
          const newKey = change.email === undefined ? oldKey : claimKey(change.email);
          const refusals = await transact(
            client,
            [
              writes.update(user, written),
              ...(newKey ? [writes.claim(newKey, id)] : []),
              ...(oldKey && oldKey !== newKey && freeing ? [writes.free(oldKey, id)] : []),
            ],
            signal,
          );
          const [changed, claimed] = refusals;
          if (refusals.length === 0) return userOf({ ...user, ...written, version: (versionOf(user) ?? 0) + 1 });
          if (changed) {
            base = changed.item;
            freeing = true;
          } else if (claimed && newKey) throw new UserError("email-taken");
          else freeing = false; // The old address is another's: two users of the original service had the same.
        }
      }),

    remove: (id, precondition = {}) =>
      inTime(async (signal) => {
        let base = await readUser(id);
        for (let freeing = true; ;) {
          const user = demand(base, precondition.ifVersion);
          const key = claimKey(user["email"]);
          const refusals = await transact(
            client,
            [writes.remove(user), ...(key && freeing ? [writes.free(key, id)] : [])],
            signal,
          );
          if (refusals.length === 0) return;
          if (refusals[0]) {
            base = refusals[0].item;
            freeing = true;
          } else {
            freeing = false;
          }
        }
      }),
  };

  async function readUser(id: string): Promise<Item | undefined> {
    return isUserId(id) ? read(id) : undefined;
  }

  /** One conditional write without a read: the user as changed, or the item that refused it. */
  async function updateInPlace(
    id: string,
    written: Item,
    version: number | undefined,
    abortSignal: AbortSignal,
  ): Promise<{ user: User } | { item: Item | undefined }> {
    if (!isUserId(id)) return { item: undefined };
    const { expression, names, values } = updateOf(written);
    const command = new UpdateCommand({
      TableName: tableName,
      Key: { user_id: id },
      UpdateExpression: expression,
      ConditionExpression: version === undefined ? "attribute_exists(#version)" : "#version = :version",
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: { ...values, ...(version !== undefined && { ":version": version }) },
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      const { Attributes = {} } = await client.send(command, { abortSignal });
      return { user: userOf(Attributes) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const item = itemIn(error.Item);
      // The SDK sent it again, and the attempt before, whose answer was lost, has been done.
      const isDone = item && version !== undefined && attemptsOf(error) > 1 && isAfter(item, version, written);
      return isDone ? { user: userOf(item) } : { item };
    }
  }
}

/** Whether the item is what this change makes of that version. */
function isAfter(item: Item, version: number, written: Item): boolean {
  return (
    versionOf(item) === version + 1 && Object.keys(written).every((name) => (item[name] ?? null) === written[name])
  );
}

/** The user, if there is one and at a version that is required. */
function demand(item: Item | undefined, ifVersion: Precondition["ifVersion"]): Item {
  if (!item) throw new UserError("not-found");
  if (ifVersion && !ifVersion.includes(versionOf(item) ?? 0)) throw stale(item);
  return item;
}

function stale(item: Item): UserError {
  return new UserError("stale-version", { currentVersion: versionOf(item) ?? 0 });
}
