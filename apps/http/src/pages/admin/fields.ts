import type { User } from "@user-management/client";
import { DEFAULT_STATUS, USER_FIELDS, type UserFieldName } from "@user-management/domain";

/** The labels of the fields, in the order of the form. */
export const LABELS = {
  lastname: "Last name",
  firstname: "First name",
  dob: "Date of birth",
  gender: "Gender",
  email: "Email",
  phone_number: "Phone number",
  external_id: "External id",
  address: "Address",
  status: "Status",
  metadata: "Metadata",
} as const satisfies Record<UserFieldName, string>;

/** A field that the form has as one input. The status has a button, and metadata has rows. */
export type InputName = Exclude<UserFieldName, "status" | "metadata">;

export const INPUT_NAMES = (Object.keys(LABELS) as UserFieldName[]).filter(
  (name): name is InputName => name !== "status" && name !== "metadata",
);

export function isRequired(name: UserFieldName): boolean {
  return USER_FIELDS[name].required;
}

/** Returns the label of a field or member: `Email` for `email`, `Metadata plan` for `metadata.plan`. */
export function toLabel(key: string): string {
  if (key in LABELS) return LABELS[key as UserFieldName];
  return key.startsWith("metadata.") ? `${LABELS.metadata} ${key.slice("metadata.".length)}` : key;
}

/** Converts the pointer of an issue (RFC 6901 section 6) to a key of {@link import("./values.ts").Values}. */
export function toKey(pointer: string): string {
  const names = pointer.slice("#/".length).split("/").map(decodeURIComponent);
  return names.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~")).join(".");
}

export function formatName({ firstname = "", lastname = "" }: User): string {
  return `${firstname} ${lastname}`.trim() || "(no name)";
}

export function isSuspended({ status = DEFAULT_STATUS }: User): boolean {
  return status === "suspended";
}

/** Formats a time, or only its date, for the reader; legacy users have none. */
export function formatTime(time: string | undefined, timeStyle?: "short"): string {
  return time === undefined ? "—" : new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle });
}
