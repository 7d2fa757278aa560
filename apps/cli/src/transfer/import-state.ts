import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import * as v from "valibot";
import { InputError } from "../formats/format.ts";

const WRITE_INTERVAL_MS = 1_000;

const stateSchema = v.object({
  digest: v.string(),
  format: v.string(),
  store: v.string(),
  row: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

/** Identifies an import: the digest of the file, its format and the store. */
export type ImportIdentity = Omit<v.InferOutput<typeof stateSchema>, "row">;

/** The file beside an input that contains the highest row below which all rows are settled. */
export interface ImportState {
  /** Writes the row if the last write was a second ago. */
  readonly save: (row: number) => void;
  /** Writes the row at once. */
  readonly flush: (row: number) => void;
  /** Deletes the file after the last row. */
  readonly delete: () => void;
}

export function getStatePath(input: string): string {
  return `${input}.import-state.json`;
}

/**
 * Returns the row after which an import continues; 0 without a state file.
 *
 * @throws InputError if the state is that of another import
 */
export function readSettledRow(path: string, identity: ImportIdentity): number {
  if (!existsSync(path)) return 0;
  const state = parseState(readFileSync(path, "utf8"));
  if (!state) throw new InputError(`${path} is not a state file; delete it to import from the first row`);
  for (const [name, description] of [
    ["digest", "file"],
    ["format", "format"],
    ["store", "store"],
  ] as const) {
    if (state[name] === identity[name]) continue;
    throw new InputError(`${path} is the state of an import with another ${description}; nothing was imported`);
  }
  return state.row;
}

function parseState(text: string): v.InferOutput<typeof stateSchema> | undefined {
  try {
    const result = v.safeParse(stateSchema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** @param beforeWrite makes the reports of the settled rows durable */
export function createImportState(path: string, identity: ImportIdentity, beforeWrite: () => void): ImportState {
  let writtenAt = Number.NEGATIVE_INFINITY;
  const flush = (row: number) => {
    beforeWrite();
    const temporaryPath = `${path}.tmp`;
    const file = openSync(temporaryPath, "w", 0o600);
    writeSync(file, JSON.stringify({ ...identity, row }));
    fsyncSync(file);
    closeSync(file);
    renameSync(temporaryPath, path);
    writtenAt = performance.now();
  };
  return {
    flush,
    save(row) {
      if (performance.now() - writtenAt >= WRITE_INTERVAL_MS) flush(row);
    },
    delete: () => rmSync(path, { force: true }),
  };
}
