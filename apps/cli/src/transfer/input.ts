import { createHash, hash } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { InputError, type ImportFormat } from "../formats/format.ts";

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/** A file of rows, of which the digest is known before the first row is imported. */
export interface Input {
  readonly path: string;
  /** The SHA-256 of the file in hexadecimal digits. */
  readonly digest: string;
  /** The approximate number of rows. */
  readonly rows: number;
}

/**
 * Reads a file once before it is imported.
 *
 * @throws InputError if it is not UTF-8
 */
export async function inspectInput(path: string, format: ImportFormat, stop: AbortSignal): Promise<Input> {
  const sha256 = createHash("sha256");
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const counter = format === "csv" ? createRecordCounter() : createLineCounter();
  let lastByte: number | undefined;
  try {
    for await (const chunk of createReadStream(path, { signal: stop }) as AsyncIterable<Buffer>) {
      sha256.update(chunk);
      decoder.decode(chunk, { stream: true });
      counter.add(chunk);
      lastByte = chunk.at(-1);
    }
    decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new InputError("the file is not UTF-8; nothing was imported");
    throw error;
  }
  const rows = counter.count() + (lastByte === undefined || lastByte === LINE_FEED ? 0 : 1);
  return { path, digest: sha256.digest("hex"), rows: format === "csv" ? Math.max(rows - 1, 0) : rows };
}

function createLineCounter() {
  let lines = 0;
  return {
    add(chunk: Buffer): void {
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, end + 1)) lines += 1;
    },
    count: () => lines,
  };
}

/** Counts line feeds outside quotes. */
function createRecordCounter() {
  let records = 0;
  let isQuoted = false;
  return {
    add(chunk: Buffer): void {
      for (const byte of chunk) {
        if (byte === QUOTE) isQuoted = !isQuoted;
        else if (byte === LINE_FEED && !isQuoted) records += 1;
      }
    },
    count: () => records,
  };
}

/** Copies standard input to a temporary file, and deletes it after `run`. */
export async function withStandardInput(stop: AbortSignal, run: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "userctl-"));
  try {
    const path = join(folder, "input");
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }), { signal: stop });
    await run(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns a name-based UUID (RFC 9562 section 5.8, version 8) of a row, the same in every import of a file. */
export function createRowId(digest: string, row: number): string {
  const bytes = hash("sha256", `${digest}:${row}`, "buffer").subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
