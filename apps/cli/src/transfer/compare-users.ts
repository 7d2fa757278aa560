import { isDeepStrictEqual } from "node:util";
import type { User } from "@user-management/domain";

/** Returns the names of the members, in alphabetical order, that differ between two users as they are stored. */
export function findDifferingMembers(user: User, other: User): string[] {
  const names = new Set([...Object.keys(user), ...Object.keys(other)]) as Set<keyof User>;
  return [...names].filter((name) => !isDeepStrictEqual(user[name], other[name])).toSorted();
}
