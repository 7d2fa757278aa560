import { UNIQUE_FIELDS } from "@user-management/domain";

/** A transaction consumes two units per item of 1 KB (AWS: "Amazon DynamoDB Transactions: How it works"). */
const UNITS_PER_KB = 2;

/** The write units of a user of up to 1 KB with an email claim. */
export const WRITE_UNITS_OF_USER = 2 * UNITS_PER_KB;

/** More than the members that an import adds to a row take: the id, the version and two timestamps. */
const ADDED_BYTES = 200;

/** Returns the write units that a row consumes at most. A failed condition consumes as much as a write. */
export function computeWriteUnits(row: unknown, onConflict: "fail" | "skip" | "update"): number {
  const kilobytes = Math.ceil((Buffer.byteLength(JSON.stringify(row)) + ADDED_BYTES) / 1024);
  const members = (typeof row === "object" && row !== null ? row : {}) as Record<string, unknown>;
  const claims = UNIQUE_FIELDS.filter(({ field }) => members[field] !== undefined).length;
  const insertUnits = UNITS_PER_KB * (kilobytes + claims);
  // An update also releases the values of before.
  return onConflict === "update" ? insertUnits + UNITS_PER_KB * (kilobytes + 2 * claims) : insertUnits;
}
