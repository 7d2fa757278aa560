import type { UserUpdate } from "@user-management/domain";
import { encodeItem, type AttributeValue, type Item } from "./client/attribute-value.ts";

export interface ExpressionAttributes {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Item;
}

/** The part of an update expression that changes metadata. */
export interface MetadataExpression extends ExpressionAttributes {
  readonly assignments: readonly string[];
  readonly removals: readonly string[];
}

const VERSION_INCREMENT = encodeItem({ ":zero": 0, ":one": 1 });

/** Creates the expression that sets fields, removes those that are `null`, and increments the version. */
export function createUpdateExpression(
  update: UserUpdate,
  updated_at: string,
  metadata: MetadataExpression | undefined,
): ExpressionAttributes & { readonly expression: string } {
  const names: Record<string, string> = { "#version": "version", ...metadata?.names };
  const values: Record<string, AttributeValue> = { ...VERSION_INCREMENT, ...metadata?.values };
  const removals = [...(metadata?.removals ?? [])];
  let assignments = "#version = if_not_exists(#version, :zero) + :one";
  for (const [name, value] of Object.entries({ ...update, metadata: undefined, updated_at })) {
    if (value === undefined) continue;
    names[`#${name}`] = name;
    if (value === null) removals.push(`#${name}`);
    else {
      values[`:${name}`] = { S: value };
      assignments += `, #${name} = :${name}`;
    }
  }
  for (const assignment of metadata?.assignments ?? []) assignments += `, ${assignment}`;
  const expression = `SET ${assignments}${removals.length > 0 ? ` REMOVE ${removals.join(", ")}` : ""}`;
  return { expression, names, values };
}
