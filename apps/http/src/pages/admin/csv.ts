import type { User } from "@user-management/client";
import { METADATA_NAME, USER_FIELD_NAMES } from "@user-management/domain";

/** The columns of a file besides those of metadata, as `userctl export` writes them. */
const TEXT_COLUMNS = [
  "user_id",
  ...USER_FIELD_NAMES.filter((name) => name !== "metadata"),
  "version",
  "created_at",
  "updated_at",
] as const;

/** Begins a text that a spreadsheet program would evaluate (OWASP: "CSV Injection"), after any number of apostrophes. */
const FORMULA = /^'*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** A formula that has been escaped, or that would be taken for one. */
const ESCAPED_FORMULA = /^'+[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Formats records (RFC 4180). A formula is escaped with an apostrophe: an operator opens the file as a spreadsheet. */
export function formatRecords(records: readonly (readonly string[])[]): string {
  return records.map((cells) => `${cells.map(formatCell).join(",")}\r\n`).join("");
}

function formatCell(text: string): string {
  const escaped = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(escaped) ? `"${escaped.replaceAll('"', '""')}"` : escaped;
}

/** Creates the header and the rows of users; `names` are the names of metadata, one column each. */
export function createColumns(names: readonly string[], hasEmptyText: boolean) {
  return {
    header: [...TEXT_COLUMNS, ...names.map((name) => `metadata.${name}`), ...(hasEmptyText ? ["metadata"] : [])],
    toCells: ({ metadata = {}, ...user }: User): string[] => [
      ...TEXT_COLUMNS.map((column) => String(user[column] ?? "")),
      ...names.map((name) => (Object.hasOwn(metadata, name) ? metadata[name]! : "")),
      ...(hasEmptyText ? [formatEmptyTexts(metadata)] : []),
    ],
  };
}

/** Formats the members that a cell of their own would make absent. */
function formatEmptyTexts(metadata: Record<string, string>): string {
  const members = Object.entries(metadata).filter(([, text]) => text === "");
  return members.length === 0 ? "" : JSON.stringify(Object.fromEntries(members));
}

/** A record and the text that it was read from. */
export interface CsvRecord {
  readonly cells: readonly string[];
  readonly source: string;
}

/** Returns the records of a text that are not empty; `undefined` if the quotes are not balanced. */
export function parseCsv(text: string): CsvRecord[] | undefined {
  const cell = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let start = 0;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (!match) return undefined;
    const [, quoted, plain = "", end] = match;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === "," && cell.lastIndex < text.length) continue;
    if (end === ",") cells.push("");
    // Spreadsheet programs write rows of empty cells.
    if (cells.some((one) => one !== "")) records.push({ cells, source: text.slice(start, cell.lastIndex) });
    cells = [];
    start = cell.lastIndex;
  }
  return records;
}

/** Returns why a header is unsuitable. A column is named only if the name cannot be a value, as in a file without header. */
export function findUnsuitableColumn(header: readonly string[]): string | undefined {
  for (const [index, name] of header.entries()) {
    const column = /^[a-z][a-z_.]{0,40}$/.test(name) ? `${index + 1} (${name})` : String(index + 1);
    if (header.indexOf(name) !== index) return `Column ${column} is repeated.`;
    const metadataName = /^metadata\.(.+)$/s.exec(name)?.[1];
    const isKnown =
      metadataName === undefined ? isTextColumn(name) || name === "metadata" : METADATA_NAME.test(metadataName);
    if (!isKnown) return `Column ${column} is unknown. The first line must contain the names of the columns.`;
  }
  return undefined;
}

function isTextColumn(name: string): boolean {
  return TEXT_COLUMNS.some((column) => column === name);
}

/**
 * Converts cells to a user. An empty cell is an absent member.
 *
 * @returns `undefined` if the column `metadata` is not JSON
 */
export function toMembers(header: readonly string[], cells: readonly string[]): Record<string, unknown> | undefined {
  const members: Record<string, unknown> = {};
  let metadata: Record<string, unknown> | undefined;
  for (const [index, cell] of cells.entries()) {
    const name = header[index]!;
    const text = ESCAPED_FORMULA.test(cell) ? cell.slice(1) : cell;
    if (text === "") continue;
    if (name.startsWith("metadata.")) metadata = { ...metadata, [name.slice("metadata.".length)]: text };
    else if (name !== "metadata") members[name] = text;
    else {
      try {
        metadata = { ...metadata, ...(JSON.parse(text) as object) };
      } catch {
        return undefined;
      }
    }
  }
  return metadata ? { ...members, metadata } : members;
}
