import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createNotices, replaceFile } from "@user-management/build-tools";
import { build, type BuildOptions, type Metafile } from "esbuild";
import { zipSync } from "fflate";
import { replace, requireBuiltins, separate } from "./plugins.ts";

/**
 * Writes `dist/lambda.zip` and the source maps beside it. The zip contains the function, `index.mjs`; the verifier of
 * access tokens, which the function loads only if they are enabled; the OpenAPI document, which the function reads on
 * the first request for it; and the notices of the third-party code. The build is reproducible.
 */
const app = join(import.meta.dirname, "..");
const dist = join(app, "dist");
mkdirSync(dist, { recursive: true });

/** The verifier of access tokens is bundled apart, without the shims: it needs the platform's `fetch` and its classes. */
const TOKEN_VERIFIER = "@user-management/jwt-adapter";
const TOKEN_VERIFIER_FILE = "jwt-adapter.mjs";

const metafiles: Metafile[] = [];
const code = await bundleFile("index.mjs", {
  entryPoints: [join(app, "src/handler.ts")],
  plugins: [separate(TOKEN_VERIFIER, TOKEN_VERIFIER_FILE), replace("node:zlib", "crc32-shim.ts"), requireBuiltins],
  external: ["./openapi.json"],
  inject: ["fetch-shim.ts", "globals-shim.ts"].map((file) => join(import.meta.dirname, file)),
  // The modules of Node.js are loaded with require.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
});
const tokenVerifier = await bundleFile(TOKEN_VERIFIER_FILE, {
  entryPoints: [fileURLToPath(import.meta.resolve(TOKEN_VERIFIER))],
});
const document = readFileSync(fileURLToPath(import.meta.resolve("@user-management/rest-adapter/openapi.json")));
const notices = new TextEncoder().encode(createNotices({ metafiles, folder: app }));
const zip = zipSync(
  { "index.mjs": code, [TOKEN_VERIFIER_FILE]: tokenVerifier, "openapi.json": document, "LICENSES.txt": notices },
  { mtime: "1980-01-01T00:00:00", os: 3, attrs: 0o644 << 16, level: 9 },
);
replaceFile(join(dist, "lambda.zip"), zip);

/** Bundles a file of the zip, writes its source map, and returns its code. */
async function bundleFile(name: string, options: BuildOptions): Promise<Uint8Array> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: app,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // ES modules first: esbuild cannot remove unused code of CommonJS modules, its default for this platform.
    mainFields: ["module", "main"],
    minify: true,
    legalComments: "none",
    sourcemap: "external",
    outfile: join(dist, name),
    logLevel: "warning",
    ...options,
    metafile: true,
    write: false,
  });
  metafiles.push(metafile);
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
  return outputFiles.find(({ path }) => path.endsWith(name))!.contents;
}
