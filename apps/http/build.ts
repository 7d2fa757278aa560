import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { ADMIN_FILES, readAdminFile } from "./src/pages/admin-files.ts";
import { DOCS_FILES, readDocsFile } from "./src/pages/docs-files.ts";

const embeddedFiles: Record<string, string> = {};
for (const { source } of Object.values(DOCS_FILES)) {
  embeddedFiles[source] = gzipSync(await readDocsFile(source), { level: 9 }).toString("base64");
}

for (const { source } of Object.values(ADMIN_FILES)) {
  embeddedFiles[source] = gzipSync(await readAdminFile(source), { level: 9 }).toString("base64");
}

/** Writes `dist/main.js`: the whole server as one file that requires Node.js only. */
await build({
  entryPoints: [join(import.meta.dirname, "src/main.ts")],
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  mainFields: ["module", "main"],
  // Bundles the admin page where it is not embedded.
  external: ["esbuild"],
  sourcemap: true,
  banner: {
    js: `
// CommonJS dependencies load modules of Node.js with require.
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
// The files of the pages, which are read from disk otherwise.
const EMBEDDED_FILES = ${JSON.stringify(embeddedFiles)};
`,
  },
  outfile: join(import.meta.dirname, "dist/main.js"),
  logLevel: "warning",
});
