import { UNIQUE_FIELDS, UserError, type UniqueFieldName, type UserUpdate } from "@user-management/domain";
import type { Item } from "./client/attribute-value.ts";
import type { TransactWriteItem } from "./client/dynamo-client.ts";
import { getText, getVersion, toClaimKey } from "./items.ts";
import type { FailedCondition } from "./transaction.ts";
import type { createWrites } from "./writes.ts";

/** The writes of the claims of one user, beside the write of the user itself. */
export interface ClaimWrites {
  readonly writes: readonly TransactWriteItem[];
  /**
   * Handles the failed conditions of these writes, in their order. If one releases the value of another user, as among
   * legacy users with one email, the field is added to `unowned`.
   *
   * @throws UserError `email-taken`, `external-id-taken`
   */
  readonly handleFailures: (failures: readonly (FailedCondition | undefined)[], unowned: Set<UniqueFieldName>) => void;
}

/**
 * Creates the writes that claim the unique values of a user after a write and release those before it.
 *
 * @param before the item before the write, if there is one
 * @param update the new values; `undefined` if the user is deleted
 * @param unowned the fields whose value before the write another user has claimed
 */
export function createClaimWrites(
  { claim, release }: ReturnType<typeof createWrites>,
  userId: string,
  before: Item | undefined,
  update: UserUpdate | undefined,
  unowned: ReadonlySet<UniqueFieldName> = new Set(),
): ClaimWrites {
  // A legacy item has claimed nothing yet.
  const isLegacy = before !== undefined && getVersion(before) === undefined;
  const steps = UNIQUE_FIELDS.flatMap(({ field, takenCode }) => {
    if (update && update[field] === undefined && !isLegacy) return [];
    const oldKey = toClaimKey(field, getText(before, field));
    const newKey = update?.[field] === undefined ? update && oldKey : toClaimKey(field, update[field]);
    return [
      ...(newKey ? [{ field, takenCode, write: claim(newKey, userId) }] : []),
      ...(oldKey && oldKey !== newKey && !unowned.has(field) ? [{ field, write: release(oldKey, userId) }] : []),
    ];
  });
  return {
    writes: steps.map(({ write }) => write),
    handleFailures(failures, unownedFields) {
      const failed = steps.filter((_, index) => failures[index]);
      for (const step of failed) if ("takenCode" in step) throw new UserError(step.takenCode);
      for (const { field } of failed) unownedFields.add(field);
    },
  };
}
