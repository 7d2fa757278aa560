import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readEmbeddedFile } from "./embedded-files.ts";

/** The files of the page at `/admin`, by the path that serves them. */
export const ADMIN_FILES = {
  "/admin": { source: "admin/page.html", mediaType: "text/html; charset=utf-8" },
  "/admin/page.css": { source: "admin/page.css", mediaType: "text/css; charset=utf-8" },
  "/admin/icon.svg": { source: "admin/icon.svg", mediaType: "image/svg+xml" },
  "/admin/main.js": { source: "admin/main.tsx", mediaType: "text/javascript; charset=utf-8" },
} as const;

/**
 * Reads a file of the page. The script and the stylesheet are minified, and the script contains the modules that it
 * imports: those of the folder, the client of the API, and the rules of the domain.
 */
export async function readAdminFile(source: string): Promise<Uint8Array<ArrayBuffer>> {
  const embedded = await readEmbeddedFile(source);
  if (embedded) return embedded;
  if (!/\.(?:tsx|css)$/.test(source)) return readFile(join(import.meta.dirname, source));
  return (await readBundle())[source.endsWith(".css") ? "css" : "js"];
}

/** Returns the paths of the files that the script and the stylesheet contain. */
export async function listBundledFiles(): Promise<readonly string[]> {
  return (await readBundle()).files;
}

function readBundle(): ReturnType<typeof bundleFiles> {
  bundle ??= bundleFiles();
  bundle.catch(() => (bundle = undefined));
  return bundle;
}

let bundle: ReturnType<typeof bundleFiles> | undefined;

/** Bundles the script and the stylesheet in memory, in a tenth of a second. */
async function bundleFiles() {
  // Only the sources need it, and only from the first request for the page on.
  const { build, stop } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    entryPoints: { js: join(import.meta.dirname, "admin/main.tsx"), css: join(import.meta.dirname, "admin/page.css") },
    outdir: "/",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2023",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    metafile: true,
    write: false,
  });
  await stop(); // Ends the process of esbuild.
  const [js, css] = ["js", "css"].map((end) => outputFiles.find(({ path }) => path.endsWith(`.${end}`))!.contents);
  const files = Object.keys(metafile.inputs).map((path) => resolve(path));
  return { js: new Uint8Array(js!), css: new Uint8Array(css!), files };
}
