import { extname } from "node:path";
import { METADATA_NAME, USER_FIELD_NAMES, type ImportIssue, type User } from "@user-management/domain";

export type ImportFormat = "ndjson" | "csv";
export type ExportFormat = ImportFormat | "dynamodb-json";

export const IMPORT_FORMATS: readonly ImportFormat[] = ["ndjson", "csv"];
export const EXPORT_FORMATS: readonly ExportFormat[] = [...IMPORT_FORMATS, "dynamodb-json"];

/** A file that cannot be imported at all. The message is one line for the operator. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** A reason why a row was not imported. It never contains a value. */
export interface RowIssue extends Omit<ImportIssue, "code"> {
  readonly code: ImportIssue["code"] | "invalid-json" | "invalid-row" | "too-large";
}

/** A row of a file, counted from 1 without blank lines and without the header: its value, or the reason why it has none. */
export type Row =
  | { readonly row: number; readonly value: unknown }
  | { readonly row: number; readonly issue: RowIssue };

/** The maximum size of a row. A valid user takes less than 40 KiB in every format. */
export const MAX_ROW_BYTES = 1024 * 1024;

/** Returns the format that the name of a file stands for. */
export function inferFormat(file: string | undefined): ImportFormat {
  return extname(file ?? "").toLowerCase() === ".csv" ? "csv" : "ndjson";
}

/** Returns the members of a user in the order of every export. */
export function toMembers(user: User): Record<string, unknown> {
  const { user_id, version, created_at, updated_at } = user;
  const fields = USER_FIELD_NAMES.map((field) => [field, user[field]] as const);
  return { user_id, ...Object.fromEntries(fields), version, created_at, updated_at };
}

/** The members that a row of a table may have in a column each, except for metadata. */
export const TEXT_COLUMNS: readonly string[] = [
  "user_id",
  ...USER_FIELD_NAMES.filter((field) => field !== "metadata"),
  "version",
  "created_at",
  "updated_at",
];

/** Returns the name of the metadata member in a column of this name. */
export function parseMetadataColumn(column: string): string | undefined {
  const [, key] = /^metadata\.(.+)$/s.exec(column) ?? [];
  return key !== undefined && METADATA_NAME.test(key) ? key : undefined;
}
