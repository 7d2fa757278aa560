import {
  createTooManyMembersError,
  MAX_METADATA_MEMBERS,
  type MetadataPatch,
  type UserUpdate,
} from "@user-management/domain";
import { encodeItem, type AttributeValue, type Item } from "./client/attribute-value.ts";
import type { MetadataExpression } from "./update-expression.ts";

/** A change of metadata, with the condition under which it is valid. */
export interface MetadataChange extends MetadataExpression {
  readonly condition: string;
}

const NAMES = { "#metadata": "metadata" };
const IS_MAP = "attribute_type(#metadata, :map)";
const MAP_TYPE = { ":map": { S: "M" } };

/**
 * Returns the change of the metadata of an item that has not been read: it assumes that there is a map with room for all
 * members that are set.
 */
export function mergeIntoUnknownMetadata({ metadata }: UserUpdate): MetadataChange | undefined {
  if (metadata === undefined) return undefined;
  if (metadata === null) return { assignments: [], removals: ["#metadata"], names: NAMES, values: {}, condition: "" };
  const additions = Object.values(metadata).filter((value) => value !== null).length;
  return mergeIntoMap(metadata, MAX_METADATA_MEMBERS - additions, []);
}

/**
 * Returns the change of the metadata of an item that has been read. Its condition fails only if another update has added or
 * removed the same members, or has used the room that this one needs. Updates of other members do not affect it.
 *
 * @throws UserError `invalid-user` if there would be too many members
 */
export function mergeIntoMetadata(item: Item, { metadata }: UserUpdate): MetadataChange | undefined {
  if (metadata === undefined || metadata === null) return mergeIntoUnknownMetadata({ metadata } as UserUpdate);
  const map = item["metadata"]?.M;
  if (!map) {
    const members = mergeMembers({}, metadata);
    const isEmpty = Object.keys(members).length === 0;
    return {
      assignments: isEmpty ? [] : ["#metadata = :metadata"],
      removals: [],
      names: NAMES,
      values: { ...MAP_TYPE, ...(!isEmpty && { ":metadata": { M: members } }) },
      condition: `NOT ${IS_MAP}`,
    };
  }
  const size = Object.keys(map).length;
  const growth = Object.keys(mergeMembers(map, metadata)).length - size;
  const conditions = Object.keys(metadata).map((name, index) =>
    Object.hasOwn(map, name) ? `attribute_exists(${toPath(index)})` : `attribute_not_exists(${toPath(index)})`,
  );
  return mergeIntoMap(metadata, MAX_METADATA_MEMBERS - growth, conditions);
}

/** Returns the expression that replaces the metadata of an item, for a write that requires the item to be unchanged. */
export function replaceMetadata(item: Item, { metadata }: UserUpdate): MetadataExpression | undefined {
  if (metadata === undefined) return undefined;
  const members = metadata === null ? {} : mergeMembers(item["metadata"]?.M ?? {}, metadata);
  if (Object.keys(members).length === 0) return { assignments: [], removals: ["#metadata"], names: NAMES, values: {} };
  return {
    assignments: ["#metadata = :metadata"],
    removals: [],
    names: NAMES,
    values: { ":metadata": { M: members } },
  };
}

function toPath(index: number): string {
  return `#metadata.#m${index}`;
}

function mergeIntoMap(patch: MetadataPatch, maxSize: number, conditions: readonly string[]): MetadataChange {
  const members = Object.entries(patch);
  return {
    assignments: members.flatMap(([, value], index) => (value === null ? [] : [`${toPath(index)} = :m${index}`])),
    removals: members.flatMap(([, value], index) => (value === null ? [toPath(index)] : [])),
    names: { ...NAMES, ...Object.fromEntries(members.map(([name], index) => [`#m${index}`, name])) },
    values: {
      ...MAP_TYPE,
      ...encodeItem({ ":maxSize": maxSize }),
      ...Object.fromEntries(
        members.flatMap(([, value], index) => (value === null ? [] : [[`:m${index}`, { S: value }]])),
      ),
    },
    condition: [IS_MAP, "size(#metadata) <= :maxSize", ...conditions].join(" AND "),
  };
}

/**
 * Merges a patch into the members of a map, also those of other types, which a third party may have written.
 *
 * @throws UserError `invalid-user` if there are too many
 */
function mergeMembers(map: Item, patch: MetadataPatch): Record<string, AttributeValue> {
  const members = { ...map, ...encodeItem(patch) };
  for (const [name, value] of Object.entries(patch)) if (value === null) delete members[name];
  if (Object.keys(members).length > MAX_METADATA_MEMBERS) throw createTooManyMembersError();
  return members;
}
