import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { SettingsError } from "@user-management/node-platform";
import * as v from "valibot";
import type { OpenedStore } from "./open-stores.ts";

const SAVE_INTERVAL_MS = 1_000;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const countsSchema = v.strictObject({ read: count, created: count, replaced: count, unchanged: count, failed: count });

const stateSchema = v.strictObject({
  from: v.string(),
  to: v.string(),
  /** Every user up to this id, in the order of the source, is copied or reported. */
  after: v.string(),
  counts: countsSchema,
});

export type CopyCounts = v.InferOutput<typeof countsSchema>;
export type CopyState = v.InferOutput<typeof stateSchema>;

/** The file from which an interrupted copy continues. */
export interface CopyStateFile {
  /**
   * Returns the state, or `undefined` if there is none.
   *
   * @throws SettingsError if it belongs to other stores
   */
  readonly read: () => CopyState | undefined;
  /** Replaces the state atomically, at most once a second unless it is forced. */
  readonly save: (state: Pick<CopyState, "after" | "counts">, isForced?: boolean) => void;
  readonly remove: () => void;
}

/** Creates the state file of a copy: beside the SQLite file of the target or the source, or in the current folder. */
export function createCopyStateFile(source: OpenedStore, target: OpenedStore): CopyStateFile {
  const file = [target, source].find(({ settings }) => settings.kind === "sqlite");
  const path = file ? `${file.name.slice("sqlite:".length)}.copy-state.json` : "userctl.copy-state.json";
  const stores = { from: source.name, to: target.name };
  let savedAt = -Infinity;
  return {
    read() {
      const state = parseState(path);
      if (state && (state.from !== stores.from || state.to !== stores.to)) {
        throw new SettingsError(`${path} belongs to a copy from ${state.from} to ${state.to}`);
      }
      return state;
    },
    save({ after, counts }, isForced = false) {
      if (!isForced && performance.now() - savedAt < SAVE_INTERVAL_MS) return;
      savedAt = performance.now();
      const temporaryPath = `${path}.new`;
      writeFileSync(temporaryPath, `${JSON.stringify({ ...stores, after, counts })}\n`, { mode: 0o600, flush: true });
      renameSync(temporaryPath, path);
    },
    remove: () => rmSync(path, { force: true }),
  };
}

function parseState(path: string): CopyState | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return v.parse(stateSchema, JSON.parse(text));
  } catch {
    throw new SettingsError(`${path} is not the state of a copy`);
  }
}
