import { join } from "node:path";
import { build } from "esbuild";

/** Writes `dist/main.js`: the whole server as one file, which needs nothing but Node.js. */
await build({
  entryPoints: [join(import.meta.dirname, "src/main.ts")],
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  mainFields: ["module", "main"],
  sourcemap: true,
  // Some CommonJS among the dependencies asks for Node.js modules by require.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  outfile: join(import.meta.dirname, "dist/main.js"),
  logLevel: "warning",
});
