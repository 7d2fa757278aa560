import { InputError, parseMetadataColumn, TEXT_COLUMNS, type RowIssue } from "./format.ts";

/**
 * Begins a text that a spreadsheet program would evaluate (OWASP: "CSV Injection"), after any number of apostrophes. A
 * phone number begins with `+`.
 */
const FORMULA = /^'*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** A formula that has been escaped, or that would be taken for one. */
const ESCAPED_FORMULA = /^'+[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Escapes a formula with an apostrophe: for a spreadsheet every one, otherwise those that {@link unescapeCell} changes. */
export function escapeCell(text: string, isForSpreadsheet: boolean): string {
  return (isForSpreadsheet ? FORMULA : ESCAPED_FORMULA).test(text) ? `'${text}` : text;
}

/** Reverses {@link escapeCell}. */
export function unescapeCell(cell: string): string {
  return ESCAPED_FORMULA.test(cell) ? cell.slice(1) : cell;
}

/**
 * Sets the member of a row that a cell contains.
 *
 * @returns the reason why it cannot
 */
type SetMember = (row: Record<string, unknown>, cell: string) => RowIssue | undefined;

/** Converts the cells of a row to an object. An empty cell is an absent member. */
export type ToRow = (cells: readonly string[]) => { readonly value: unknown } | { readonly issue: RowIssue };

/**
 * Creates the conversion of rows under a header.
 *
 * @throws InputError for an unknown or repeated column
 */
export function createRowConversion(header: readonly string[]): ToRow {
  const setters = header.map((name, index) => {
    if (header.indexOf(name) !== index) throw new InputError(`column ${describeColumn(name, index)} is repeated`);
    const setMember = createSetter(name);
    if (!setMember) throw new InputError(`column ${describeColumn(name, index)} is unknown; nothing was imported`);
    return setMember;
  });
  return (cells) => {
    if (cells.length !== setters.length) {
      return { issue: { pointer: "#", code: "invalid-row", detail: "must have one cell for each column" } };
    }
    const value: Record<string, unknown> = {};
    for (const [index, cell] of cells.entries()) {
      const issue = cell === "" ? undefined : setters[index]!(value, unescapeCell(cell));
      if (issue) return { issue };
    }
    return { value };
  };
}

function createSetter(column: string): SetMember | undefined {
  if (column === "version") return (row, cell) => void (row[column] = /^\d{1,16}$/.test(cell) ? Number(cell) : cell);
  if (column === "metadata") return setMetadata;
  if (TEXT_COLUMNS.includes(column)) return (row, cell) => void (row[column] = cell);
  const key = parseMetadataColumn(column);
  return key === undefined ? undefined : (row, cell) => addMetadata(row, { [key]: cell });
}

/** The column `metadata` contains members as a JSON object, such as empty texts, which no cell of their own can contain. */
function setMetadata(row: Record<string, unknown>, cell: string): RowIssue | undefined {
  try {
    const metadata = JSON.parse(cell) as unknown;
    if (typeof metadata === "object" && metadata !== null && !Array.isArray(metadata)) addMetadata(row, metadata);
    else row["metadata"] ??= metadata;
    return undefined;
  } catch {
    return { pointer: "#/metadata", code: "invalid-json", detail: "must be a JSON object" };
  }
}

function addMetadata(row: Record<string, unknown>, members: object): undefined {
  row["metadata"] = { ...(row["metadata"] as object | undefined), ...members };
}

/** Names a column only if the name cannot be a value, as in a file without a header. */
function describeColumn(name: string, index: number): string {
  return /^[a-z][a-z_.]{0,40}$/.test(name) ? `${index + 1} (${name})` : String(index + 1);
}
