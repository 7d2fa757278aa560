import type { NewUser, User, UserUpdate } from "@user-management/client";
import { DEFAULT_STATUS } from "@user-management/domain";
import { INPUT_NAMES, isRequired, type InputName } from "./fields.ts";

/**
 * The fields of a user as texts by key: the name of a field, or `metadata.` and the name of a member, so that fields and
 * members are compared and merged alike. Absent and empty fields are absent.
 */
export type Values = Readonly<Record<string, string>>;

export function toValues({ metadata = {}, status = DEFAULT_STATUS, ...user }: User): Values {
  return {
    ...Object.fromEntries(INPUT_NAMES.flatMap((name) => (user[name] ? [[name, user[name]]] : []))),
    status,
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`metadata.${name}`, value])),
  };
}

/** Returns the keys whose values differ, in the order of the fields. */
export function listChanges(before: Values, after: Values): string[] {
  const keys = new Set([...INPUT_NAMES, "status", ...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => before[key] !== after[key]);
}

/** Returns an update of the values that differ. An absent value removes a field that is optional. */
export function toUpdate(before: Values, after: Values): UserUpdate {
  const update: Record<string, unknown> = {};
  const metadata: Record<string, string | null> = {};
  for (const key of listChanges(before, after)) {
    const value = after[key];
    if (key.startsWith("metadata.")) metadata[key.slice("metadata.".length)] = value ?? null;
    // The service describes the rule of a required field that is empty.
    else update[key] = value ?? (isRequired(key as InputName) ? "" : null);
  }
  return { ...update, ...(Object.keys(metadata).length > 0 && { metadata }) };
}

export function toNewUser(values: Values): NewUser {
  return toUpdate({}, values) as NewUser;
}

/** Applies the changes between two versions to a third one: what was typed survives a newer version of the user. */
export function rebase(base: Values, values: Values, newBase: Values): Values {
  const rebased: Record<string, string> = { ...newBase };
  for (const key of listChanges(base, values)) {
    if (values[key] === undefined) delete rebased[key];
    else rebased[key] = values[key];
  }
  return rebased;
}
