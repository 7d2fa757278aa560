import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildProgram } from "@user-management/build-tools";
import { ADMIN_FILES, listBundledFiles, readAdminFile } from "./src/pages/admin-files.ts";
import { DOCS_FILES, readDocsFile } from "./src/pages/docs-files.ts";

const docsSources = Object.values(DOCS_FILES).map(({ source }) => source);
const docsFiles = docsSources
  .filter((source) => !source.startsWith("./"))
  .map((source) => fileURLToPath(import.meta.resolve(source)));
const contents: Record<string, string> = {};
for (const source of docsSources) contents[source] = compress(await readDocsFile(source));
for (const { source } of Object.values(ADMIN_FILES)) contents[source] = compress(await readAdminFile(source));

/** Writes `dist/main.js`: the whole server as one file that requires Node.js only. */
await buildProgram({
  entryPoint: join(import.meta.dirname, "src/main.ts"),
  outfile: join(import.meta.dirname, "dist/main.js"),
  banner: `
// The files of the pages, which are read from disk otherwise.
const EMBEDDED_FILES = ${JSON.stringify(contents)};
`,
  embeddedFiles: [...docsFiles, ...(await listBundledFiles())],
  // Bundles the admin page where it is not embedded.
  external: ["esbuild"],
});

function compress(file: Uint8Array): string {
  return gzipSync(file, { level: 9 }).toString("base64");
}
