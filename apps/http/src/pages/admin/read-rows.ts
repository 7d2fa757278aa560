import type { NewUser } from "@user-management/client";
import { parseNewUser, UNIQUE_FIELDS, UserError } from "@user-management/domain";
import { findUnsuitableColumn, parseCsv, toMembers } from "./csv.ts";
import { toSentence } from "./failure.ts";
import { toKey, toLabel } from "./fields.ts";

/** A row of a file, counted from 1 without the header and blank lines. */
export interface Row {
  readonly row: number;
  /** The text of the row in the file. */
  readonly source: string;
}

export interface ValidRow extends Row {
  readonly user: NewUser;
}

/** A row that was not imported, with the rules that it violates. */
export interface FailedRow extends Row {
  readonly rules: readonly string[];
}

export interface Rows {
  /** The text before the first row, which a file of some of the rows needs too. */
  readonly header: string;
  readonly valid: readonly ValidRow[];
  readonly invalid: readonly FailedRow[];
  /** Whether rows have ids, versions or times, which the service sets itself. */
  readonly hasServiceMembers: boolean;
}

/** A file that cannot be imported at all; the message is a sentence. */
export class FileError extends Error {
  override readonly name = "FileError";
}

interface ReadRow extends Row {
  readonly value: unknown;
}

/**
 * Validates the rows of a file by the rules of the service for a new user.
 *
 * @throws FileError
 */
export function readRows(text: string, isCsv: boolean, today: string): Rows {
  const { header, rows } = isCsv ? readCsv(text) : readNdjson(text);
  const valid: ValidRow[] = [];
  const invalid: FailedRow[] = [];
  const firstRows = new Map<string, number>();
  let hasServiceMembers = false;
  for (const { value, ...row } of rows) {
    const { fields, isReduced } = dropServiceMembers(value);
    hasServiceMembers ||= isReduced;
    try {
      const user = parseNewUser(fields, today);
      const rules = UNIQUE_FIELDS.flatMap(({ field, canonicalize }) => {
        const key = user[field] === undefined ? undefined : `${field} ${canonicalize(user[field])}`;
        const first = key === undefined ? undefined : firstRows.get(key);
        if (key !== undefined && first === undefined) firstRows.set(key, row.row);
        return first === undefined ? [] : [`${toLabel(field)}: Row ${first} has the same.`];
      });
      if (rules.length > 0) invalid.push({ ...row, rules });
      else valid.push({ ...row, user });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      invalid.push({ ...row, rules: error.issues.map(({ pointer, detail }) => describeRule(pointer, detail)) });
    }
  }
  return { header, valid, invalid, hasServiceMembers };
}

/** Formats a violated rule: "Email: Must be an email address." */
export function describeRule(pointer: string, detail: string): string {
  return pointer === "#" ? toSentence(detail) : `${toLabel(toKey(pointer))}: ${toSentence(detail)}`;
}

function readNdjson(text: string): { header: string; rows: ReadRow[] } {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return {
    header: "",
    rows: lines.map((line, index) => ({ row: index + 1, source: `${line}\n`, value: parseJson(line) })),
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // A row must be an object.
  }
}

function readCsv(text: string): { header: string; rows: ReadRow[] } {
  const [header, ...records] = parseCsv(text) ?? [];
  if (!header) throw new FileError("The file has no header, or its quotes are not balanced.");
  const unsuitable = findUnsuitableColumn(header.cells);
  if (unsuitable !== undefined) throw new FileError(unsuitable);
  const rows = records.map(({ cells, source }, index) => {
    const value = cells.length === header.cells.length ? toMembers(header.cells, cells) : undefined;
    return { row: index + 1, source: source.endsWith("\n") ? source : `${source}\r\n`, value };
  });
  return { header: header.source, rows };
}

function dropServiceMembers(value: unknown): { readonly fields: unknown; readonly isReduced: boolean } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { fields: value, isReduced: false };
  const { user_id, version, created_at, updated_at, ...fields } = value as Record<string, unknown>;
  return { fields, isReduced: [user_id, version, created_at, updated_at].some((member) => member !== undefined) };
}
