import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { createNotices } from "./notices.ts";

const REPOSITORY_ROOT = join(import.meta.dirname, "../../..");

export interface ProgramOptions {
  /** The absolute path of the source file. */
  readonly entryPoint: string;
  /** The absolute path of the program. */
  readonly outfile: string;
  /** Code that precedes the program. */
  readonly banner?: string;
  /** The absolute paths of third-party files that the banner contains. */
  readonly embeddedFiles?: readonly string[];
}

/**
 * Bundles a program into one file that requires Node.js only. Writes the notices of the third-party code in it to
 * `<outfile>.LICENSES.txt`, and its source map to `<outfile>.map`.
 *
 * @throws LicenseError if third-party code cannot be distributed with the program
 */
export async function buildProgram({ entryPoint, outfile, banner = "", embeddedFiles }: ProgramOptions): Promise<void> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: REPOSITORY_ROOT,
    entryPoints: [entryPoint],
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    sourcemap: true,
    metafile: true,
    write: false,
    banner: {
      js: `
// CommonJS dependencies load modules of Node.js with require.
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
${banner}`,
    },
    outfile,
    logLevel: "warning",
  });
  const notices = createNotices({ metafiles: [metafile], folder: REPOSITORY_ROOT, embeddedFiles });
  mkdirSync(dirname(outfile), { recursive: true });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
  replaceFile(`${outfile}.LICENSES.txt`, notices);
}

/** Replaces a file atomically, so that concurrent readers and builds see a complete one. */
export function replaceFile(path: string, contents: Uint8Array | string): void {
  const temporaryPath = `${path}.${process.pid}`;
  writeFileSync(temporaryPath, contents);
  renameSync(temporaryPath, path);
}
