import * as v from "valibot";
import { UserError, type UserIssueCode } from "../errors.ts";
import { isLongerThan } from "./value-schemas.ts";

/** The members that other systems attach to a user: at most {@link MAX_METADATA_MEMBERS}, sorted by name. */
export type Metadata = Readonly<Record<string, string>>;

/** An update of metadata, which is merged (RFC 7396): a text sets a member, and `null` removes one. */
export type MetadataPatch = Readonly<Record<string, string | null>>;

export const MAX_METADATA_MEMBERS = 20;
export const MAX_METADATA_VALUE_LENGTH = 200;

/** `__proto__` is no name, because JavaScript would set the prototype of an object instead of a member. */
export const METADATA_NAME = /^(?!__proto__$)[A-Za-z0-9_.-]{1,40}$/;

export const metadataSchema: v.GenericSchema<unknown, Metadata> = createSchema<string>(
  () => false,
  MAX_METADATA_MEMBERS,
);

/** A patch may set all members, and remove all others. */
export const metadataPatchSchema: v.GenericSchema<unknown, MetadataPatch> = createSchema<string | null>(
  (value) => value === null,
  2 * MAX_METADATA_MEMBERS,
);

/** Creates a schema that reports each invalid member at its own path. valibot's `record` drops names like `constructor`. */
function createSchema<Value extends string | null>(
  isNull: (value: unknown) => boolean,
  maxMembers: number,
): v.GenericSchema<unknown, Readonly<Record<string, Value>>> {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value: input }, addIssue, NEVER }) => {
      if (typeof input !== "object" || input === null || Array.isArray(input)) {
        addIssue({ message: code("not-an-object") });
        return NEVER;
      }
      const members: [string, Value][] = [];
      const entries = Object.entries(input).filter(([, value]) => value !== undefined);
      if (entries.length > maxMembers) addIssue({ message: code("too-many-members") });
      for (const [key, value] of entries) {
        const issue = METADATA_NAME.test(key) ? (isNull(value) ? undefined : validateValue(value)) : "invalid-name";
        if (issue) addIssue({ message: issue, path: [{ type: "object", origin: "value", input: {}, key, value }] });
        else members.push([key, (isNull(value) ? null : String(value).normalize("NFC")) as Value]);
      }
      return sortMembers(members);
    }),
  );
}

function code(issueCode: UserIssueCode): UserIssueCode {
  return issueCode;
}

function validateValue(value: unknown): UserIssueCode | undefined {
  if (typeof value !== "string") return "not-a-string";
  if (!value.isWellFormed()) return "malformed-text";
  return isLongerThan(value.normalize("NFC"), MAX_METADATA_VALUE_LENGTH) ? "too-long" : undefined;
}

/**
 * Merges a patch into metadata (RFC 7396).
 *
 * @returns the members that are left, or `undefined` if there are none
 * @throws UserError `invalid-user` if there are too many
 */
export function mergeMetadata(current: Metadata | undefined, patch: MetadataPatch | null): Metadata | undefined {
  if (patch === null) return undefined;
  const members = Object.entries({ ...current, ...patch }).filter(
    (member): member is [string, string] => member[1] !== null,
  );
  if (members.length > MAX_METADATA_MEMBERS) throw createTooManyMembersError();
  return members.length === 0 ? undefined : sortMembers(members);
}

/** Creates the error of an update after which a user would have too many members. */
export function createTooManyMembersError(): UserError {
  const detail = `must have at most ${MAX_METADATA_MEMBERS} members`;
  return new UserError("invalid-user", { issues: [{ pointer: "#/metadata", code: "too-many-members", detail }] });
}

/** Returns the metadata in a stored value, which third parties may have written; `undefined` if it has no valid member. */
export function normalizeMetadata(stored: unknown): Metadata | undefined {
  if (typeof stored !== "object" || stored === null || Array.isArray(stored)) return undefined;
  const members = Object.entries(stored).filter(([key, value]) => METADATA_NAME.test(key) && typeof value === "string");
  return members.length === 0 ? undefined : sortMembers(members as [string, string][]);
}

/** Sorts members by name, so that the order in which they were written has no influence. */
function sortMembers<Value>(members: [string, Value][]): Record<string, Value> {
  return Object.fromEntries(members.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
