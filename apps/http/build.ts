import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { assets } from "./src/docs-assets.ts";
import { readDocsFile } from "./src/docs-files.ts";

const embeddedFiles: Record<string, string> = {};
for (const { file } of Object.values(assets)) {
  embeddedFiles[file] = gzipSync(await readDocsFile(file), { level: 9 }).toString("base64");
}

/** Writes `dist/main.js`: the whole server as one file, which needs nothing but Node.js. */
await build({
  entryPoints: [join(import.meta.dirname, "src/main.ts")],
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  mainFields: ["module", "main"],
  sourcemap: true,
  banner: {
    js: `
// Some CommonJS among the dependencies asks for Node.js modules by require.
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
// What docs-files.ts would read from files beside it.
const EMBEDDED_FILES = ${JSON.stringify(embeddedFiles)};
`,
  },
  outfile: join(import.meta.dirname, "dist/main.js"),
  logLevel: "warning",
});
