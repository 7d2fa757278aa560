import type { User, UsersClient } from "@user-management/client";
import { DEFAULT_STATUS, USER_FIELD_NAMES } from "@user-management/domain";
import { createColumns, formatRecords } from "./csv.ts";

/** The most users that a page of the API has. */
const PAGE_SIZE = 100;

export type Format = "csv" | "ndjson";

/**
 * An export in progress. Every page becomes a part of NDJSON, which the browser may keep on disk. An export that has
 * failed continues after its last page.
 */
export interface Export {
  readonly parts: Blob[];
  /** The names of the metadata of all users, which a header of CSV needs. */
  readonly names: Set<string>;
  hasEmptyText: boolean;
  cursor: string | undefined;
  count: number;
}

export function createExport(): Export {
  return { parts: [], names: new Set(), hasEmptyText: false, cursor: undefined, count: 0 };
}

interface CollectOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (count: number) => void;
}

/** Collects the pages that an export does not have yet. */
export async function collectUsers(
  client: UsersClient,
  target: Export,
  { signal, onProgress }: CollectOptions,
): Promise<void> {
  const start = target.cursor === undefined ? {} : { cursor: target.cursor };
  for await (const page of client.pages({ pageSize: PAGE_SIZE, view: "full", signal, ...start })) {
    for (const { metadata = {} } of page.users) {
      for (const [name, text] of Object.entries(metadata)) if (text !== "") target.names.add(name);
      target.hasEmptyText ||= Object.values(metadata).includes("");
    }
    target.parts.push(new Blob([page.users.map(formatLine).join("")]));
    target.count += page.users.length;
    target.cursor = page.next_cursor ?? target.cursor;
    onProgress(target.count);
  }
}

/** Returns the file of an export. CSV is as `userctl export --spreadsheet` writes it. */
export async function createFile({ parts, names, hasEmptyText }: Export, format: Format): Promise<Blob> {
  if (format === "ndjson") return new Blob(parts, { type: "application/x-ndjson" });
  const { header, toCells } = createColumns([...names].toSorted(), hasEmptyText);
  const csv = [new Blob(["\uFEFF", formatRecords([header])])];
  for (const part of parts) {
    const lines = (await part.text()).split("\n").filter((line) => line !== "");
    csv.push(new Blob([formatRecords(lines.map((line) => toCells(JSON.parse(line) as User)))]));
  }
  return new Blob(csv, { type: "text/csv" });
}

/** Formats a user as `userctl export` does: in the order of the fields, without the status of an active user. */
function formatLine({ user_id, version, created_at, updated_at, ...user }: User): string {
  const stored = { ...user, status: user.status === DEFAULT_STATUS ? undefined : user.status };
  const fields = USER_FIELD_NAMES.map((name) => [name, stored[name]] as const);
  const line = JSON.stringify({ user_id, ...Object.fromEntries(fields), version, created_at, updated_at });
  return `${line.replaceAll("\u2028", String.raw`\u2028`).replaceAll("\u2029", String.raw`\u2029`)}\n`;
}

/** Saves a file as a download of the browser. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has opened the content by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
