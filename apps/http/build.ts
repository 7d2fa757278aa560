import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildProgram } from "@user-management/build-tools";
import { DOCS_FILES, readDocsFile } from "./src/pages/docs-files.ts";

const sources = Object.values(DOCS_FILES).map(({ source }) => source);
const contents: Record<string, string> = {};
for (const source of sources) {
  contents[source] = gzipSync(await readDocsFile(source), { level: 9 }).toString("base64");
}

/** Writes `dist/main.js`: the whole server as one file that requires Node.js only. */
await buildProgram({
  entryPoint: join(import.meta.dirname, "src/main.ts"),
  outfile: join(import.meta.dirname, "dist/main.js"),
  banner: `
// The files that docs-files.ts reads from disk otherwise.
const EMBEDDED_FILES = ${JSON.stringify(contents)};
`,
  embeddedFiles: sources
    .filter((source) => !source.startsWith("./"))
    .map((source) => fileURLToPath(import.meta.resolve(source))),
});
