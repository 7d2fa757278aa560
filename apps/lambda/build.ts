import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isBuiltin } from "node:module";
import { build, type Plugin } from "esbuild";
import { zipSync } from "fflate";

/**
 * Writes `dist/lambda.zip`, which holds the function as one file, `index.mjs`, and the description of its API, which it
 * reads only when it is asked for that; and beside it the source map. The same source makes the same bytes.
 */
const dist = join(import.meta.dirname, "dist");
mkdirSync(dist, { recursive: true });

/**
 * Takes Node.js's own modules by `require`. An `import` of one reads all that it exports, and so loads what that is made
 * of: with `http` comes a whole HTTP client of another kind, with `process` half of Node.js.
 */
const requireBuiltins: Plugin = {
  name: "require-builtins",
  setup(bundle) {
    bundle.onResolve({ filter: /./ }, ({ path, kind }) =>
      isBuiltin(path) && kind !== "require-call" ? { path, namespace: "builtin" } : undefined,
    );
    bundle.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = require("${path}")`,
    }));
  },
};

const { outputFiles } = await build({
  entryPoints: [join(import.meta.dirname, "src/handler.ts")],
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // ES modules first: esbuild would take CommonJS for this platform, of which it cannot leave out what is not used.
  mainFields: ["module", "main"],
  alias: {
    "@aws-sdk/credential-provider-node": join(import.meta.dirname, "src/environment-credentials.ts"),
    "@aws-sdk/endpoint-cache": join(import.meta.dirname, "src/left-out.ts"),
    "@smithy/core/event-streams": join(import.meta.dirname, "src/left-out.ts"),
  },
  plugins: [requireBuiltins],
  external: ["./openapi.json"],
  inject: [join(import.meta.dirname, "src/light-fetch.ts")],
  minify: true,
  legalComments: "none",
  sourcemap: "external",
  // Some CommonJS of the SDK asks for Node.js modules by require.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  outfile: join(dist, "index.mjs"),
  write: false,
  logLevel: "warning",
});
for (const { path, contents } of outputFiles) write(path, contents);

const code = outputFiles.find(({ path }) => path.endsWith(".mjs"))!.contents;
const description = readFileSync(fileURLToPath(import.meta.resolve("@user-management/rest-adapter/openapi.json")));
const zipped = zipSync(
  { "index.mjs": code, "openapi.json": description },
  { mtime: "1980-01-01T00:00:00", os: 3, attrs: 0o644 << 16, level: 9 },
);
write(join(dist, "lambda.zip"), zipped);

/** Whoever reads the file meanwhile, or writes it as well, finds a whole one. */
function write(path: string, contents: Uint8Array): void {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
}
