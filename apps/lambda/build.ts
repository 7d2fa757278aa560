import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { zipSync } from "fflate";

/**
 * Writes `dist/lambda.zip`, which holds the function as one file, `index.mjs`, and beside it the source map. The same
 * source makes the same bytes.
 */
const dist = join(import.meta.dirname, "dist");
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

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
    "@aws-sdk/endpoint-cache": join(import.meta.dirname, "src/no-endpoint-cache.ts"),
  },
  minify: true,
  legalComments: "none",
  sourcemap: "external",
  // Some CommonJS of the SDK asks for Node.js modules by require.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  outfile: join(dist, "index.mjs"),
  write: false,
  logLevel: "warning",
});
for (const { path, contents } of outputFiles) writeFileSync(path, contents);

const code = outputFiles.find(({ path }) => path.endsWith(".mjs"))!.contents;
const zipped = zipSync(
  { "index.mjs": [code, { mtime: "1980-01-01T00:00:00", os: 3, attrs: 0o644 << 16 }] },
  { level: 9 },
);
writeFileSync(join(dist, "lambda.zip"), zipped);
