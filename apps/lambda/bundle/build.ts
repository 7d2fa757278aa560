import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isBuiltin } from "node:module";
import { build, type Plugin } from "esbuild";
import { zipSync } from "fflate";

/**
 * Writes `dist/lambda.zip`, which contains the function as one file, `index.mjs`, and the OpenAPI document, which the
 * function reads on the first request for it; and the source map beside it. The build is reproducible.
 */
const app = join(import.meta.dirname, "..");
const dist = join(app, "dist");
mkdirSync(dist, { recursive: true });

/**
 * Loads the modules of Node.js with `require`. An `import` of such a module also evaluates the exports that Node.js
 * loads only on their first use otherwise: `http` then loads the HTTP client behind `fetch`, and `process` many internal
 * modules.
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

const sdkShims = join(import.meta.dirname, "sdk-shims.ts");

const { outputFiles } = await build({
  entryPoints: [join(app, "src/handler.ts")],
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // ES modules first: esbuild cannot remove unused code of CommonJS modules, its default for this platform.
  mainFields: ["module", "main"],
  alias: {
    "@aws-sdk/credential-provider-node": sdkShims,
    "@aws-sdk/endpoint-cache": sdkShims,
    "@smithy/core/event-streams": sdkShims,
  },
  plugins: [requireBuiltins],
  external: ["./openapi.json"],
  inject: [join(import.meta.dirname, "fetch-shim.ts")],
  minify: true,
  legalComments: "none",
  sourcemap: "external",
  // CommonJS modules of the SDK load modules of Node.js with require.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  outfile: join(dist, "index.mjs"),
  write: false,
  logLevel: "warning",
});
for (const { path, contents } of outputFiles) replaceFile(path, contents);

const code = outputFiles.find(({ path }) => path.endsWith(".mjs"))!.contents;
const document = readFileSync(fileURLToPath(import.meta.resolve("@user-management/rest-adapter/openapi.json")));
const zip = zipSync(
  { "index.mjs": code, "openapi.json": document },
  { mtime: "1980-01-01T00:00:00", os: 3, attrs: 0o644 << 16, level: 9 },
);
replaceFile(join(dist, "lambda.zip"), zip);

/** Replaces a file atomically, so that concurrent readers and builds see a complete one. */
function replaceFile(path: string, contents: Uint8Array): void {
  const temporaryPath = `${path}.${process.pid}`;
  writeFileSync(temporaryPath, contents);
  renameSync(temporaryPath, path);
}
