import { join } from "node:path";
import { build } from "esbuild";

/** Writes `dist/userctl.js`: the commands as one file that requires Node.js only. */
await build({
  entryPoints: [join(import.meta.dirname, "src/userctl.ts")],
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  mainFields: ["module", "main"],
  sourcemap: true,
  banner: {
    js: `
// CommonJS dependencies load modules of Node.js with require.
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
`,
  },
  outfile: join(import.meta.dirname, "dist/userctl.js"),
  logLevel: "warning",
});
