import type { User } from "@user-management/domain";
import { hasDuplicateName } from "@user-management/rest-adapter/json";
import { MAX_ROW_BYTES, toMembers, type Row } from "./format.ts";

const LINE_FEED = 0x0a;

/**
 * Reads one JSON object per line. A line ends with a line feed only: `readline` would also split a text that contains
 * U+2028.
 *
 * @returns the rows of each chunk, so that they are consumed without a turn of the event loop for each of them
 */
export async function* readNdjson(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Row[]> {
  let row = 0;
  let parts: Buffer[] = [];
  let size = 0;
  const add = (part: Buffer) => {
    size += part.length;
    // The rest of a line that is too large is dropped.
    if (size <= MAX_ROW_BYTES) parts.push(part);
  };
  const endLine = (): Row[] => {
    const isTooLarge = size > MAX_ROW_BYTES;
    const line = isTooLarge ? "" : decodeLine(parts);
    parts = [];
    size = 0;
    if (line.trim() === "" && !isTooLarge) return [];
    row += 1;
    return [isTooLarge ? createIssue(row, "too-large", "must have at most 1 MiB") : parseLine(row, line)];
  };
  for await (const chunk of chunks) {
    const rows: Row[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      rows.push(...endLine());
      start = end + 1;
    }
    add(chunk.subarray(start));
    yield rows;
  }
  yield endLine();
}

/** Decodes a line without the byte order mark with which a file may begin. */
function decodeLine(parts: readonly Buffer[]): string {
  const line = (parts.length === 1 ? parts[0]! : Buffer.concat(parts)).toString();
  return line.startsWith("\uFEFF") ? line.slice(1) : line;
}

function parseLine(row: number, line: string): Row {
  try {
    const value: unknown = JSON.parse(line);
    if (!hasDuplicateName(line, value)) return { row, value };
    return createIssue(row, "invalid-json", "must not contain a member name twice");
  } catch {
    return createIssue(row, "invalid-json", "must be a JSON object in one line");
  }
}

function createIssue(row: number, code: "invalid-json" | "too-large", detail: string): Row {
  return { row, issue: { pointer: "#", code, detail } };
}

/** Formats a user as a line. It contains no line separator of Unicode, at which some programs would split it. */
export function formatNdjsonLine(user: User): string {
  return `${JSON.stringify(toMembers(user))
    .replaceAll("\u2028", String.raw`\u2028`)
    .replaceAll("\u2029", String.raw`\u2029`)}\n`;
}
