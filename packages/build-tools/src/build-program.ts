import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as esbuild from "esbuild";
import { createNotices } from "./notices.ts";

const REPOSITORY_ROOT = join(import.meta.dirname, "../../..");

/** Ends the program with one line on an older Node.js. */
const REQUIRE_NODE = readFileSync(join(REPOSITORY_ROOT, "packages/node-platform/require-node.js"), "utf8");

/** Loads `node:sqlite` at run time: an import of it would fail on an older Node.js before any code runs. */
const sqlitePlugin: esbuild.Plugin = {
  name: "sqlite",
  setup(build) {
    build.onResolve({ filter: /^node:sqlite$/ }, ({ path }) => ({ path, namespace: "builtin" }));
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `export const { DatabaseSync } = process.getBuiltinModule("${path}");`,
    }));
  },
};

export interface ProgramOptions {
  /** The absolute path of the source file. */
  readonly entryPoint: string;
  /** The absolute path of the program. */
  readonly outfile: string;
  /** Code that precedes the program. */
  readonly banner?: string;
  /** The absolute paths of third-party files that the banner contains. */
  readonly embeddedFiles?: readonly string[];
  /** The packages that the program imports only outside of the bundle. */
  readonly external?: readonly string[];
}

/**
 * Bundles a program into one file that requires Node.js only. Writes the notices of the third-party code in it to
 * `<outfile>.LICENSES.txt`, and its source map to `<outfile>.map`.
 *
 * @throws LicenseError if third-party code cannot be distributed with the program
 */
export async function buildProgram({
  entryPoint,
  outfile,
  banner = "",
  embeddedFiles,
  external = [],
}: ProgramOptions): Promise<void> {
  const { outputFiles, metafile } = await esbuild.build({
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
    external: [...external],
    plugins: [sqlitePlugin],
    banner: {
      js: `
{
${REQUIRE_NODE}}
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
