import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Metadata, User } from "@user-management/domain";
import { CsvError, parse } from "csv-parse";
import { stringify } from "csv-stringify/sync";
import { createRowConversion, escapeCell, type ToRow } from "./csv-cells.ts";
import { InputError, MAX_ROW_BYTES, TEXT_COLUMNS, type Row } from "./format.ts";
import { formatNdjsonLine, readNdjson } from "./ndjson.ts";

const BATCH_SIZE = 500;
const BYTE_ORDER_MARK = "\uFEFF";

/** The maximum number of `metadata.KEY` columns of an export. */
const MAX_METADATA_COLUMNS = 1_000;

/**
 * Reads CSV (RFC 4180) with a header.
 *
 * @throws InputError if the header is unsuitable or the quotes are not balanced
 */
export async function* readCsv(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Row[]> {
  const parser = Readable.from(chunks, { objectMode: false }).compose(
    parse({
      bom: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_BYTES,
    }),
  ) as AsyncIterable<string[]>;
  let toRow: ToRow | undefined;
  let row = 0;
  let rows: Row[] = [];
  try {
    for await (const cells of parser) {
      if (!toRow) toRow = createRowConversion(cells);
      // Spreadsheet programs write rows of empty cells.
      else if (cells.some((cell) => cell !== "")) rows.push({ row: (row += 1), ...toRow(cells) });
      if (rows.length < BATCH_SIZE) continue;
      yield rows;
      rows = [];
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(`the file is not valid CSV near line ${String(error["lines"])} (${error.code})`);
  }
  if (!toRow) throw new InputError("the file has no header");
  yield rows;
}

/**
 * Writes CSV. The header depends on the metadata of every user, so the users are first written to a temporary file.
 *
 * @param temporaryFile the path of a file that does not exist; the caller deletes it
 */
export async function* writeCsv(
  pages: AsyncIterable<readonly User[]>,
  temporaryFile: string,
  isForSpreadsheet: boolean,
): AsyncGenerator<string> {
  const keys = new Set<string>();
  let hasEmptyText = false;
  const file = await open(temporaryFile, "wx", 0o600);
  try {
    for await (const users of pages) {
      for (const { metadata = {} } of users) {
        for (const [key, text] of Object.entries(metadata)) if (text !== "") keys.add(key);
        hasEmptyText ||= Object.values(metadata).includes("");
      }
      if (keys.size > MAX_METADATA_COLUMNS) {
        throw new InputError(`metadata has more than ${MAX_METADATA_COLUMNS} names; export to ndjson instead`);
      }
      await file.appendFile(users.map(formatNdjsonLine).join(""));
    }
  } finally {
    await file.close();
  }
  const metadataKeys = [...keys].toSorted();
  const header = [
    ...TEXT_COLUMNS,
    ...metadataKeys.map((key) => `metadata.${key}`),
    ...(hasEmptyText ? ["metadata"] : []),
  ];
  yield (isForSpreadsheet ? BYTE_ORDER_MARK : "") + formatRecords([header]);
  for await (const rows of readNdjson(createReadStream(temporaryFile))) {
    const users = rows.flatMap((row) => ("value" in row ? [row.value as User] : []));
    yield formatRecords(users.map((user) => toCells(user).map((cell) => escapeCell(cell, isForSpreadsheet))));
  }

  function toCells(user: User): string[] {
    const members = user as unknown as Record<string, string | number | undefined>;
    const { metadata = {} } = user;
    return [
      ...TEXT_COLUMNS.map((column) => String(members[column] ?? "")),
      ...metadataKeys.map((key) => (Object.hasOwn(metadata, key) ? metadata[key]! : "")),
      ...(hasEmptyText ? [formatEmptyTexts(metadata)] : []),
    ];
  }
}

/** Formats the members that a cell of their own would make absent. */
function formatEmptyTexts(metadata: Metadata): string {
  const members = Object.entries(metadata).filter(([, text]) => text === "");
  return members.length === 0 ? "" : JSON.stringify(Object.fromEntries(members));
}

function formatRecords(records: readonly (readonly string[])[]): string {
  // By itself it quotes only a complete CR LF.
  return stringify([...records], { record_delimiter: "\r\n", quoted_match: /[\r\n]/ });
}
