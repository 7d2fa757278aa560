import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** The files of the page at `/docs`, by the path that serves them. */
export const DOCS_FILES = {
  "/docs": { source: "./docs/page.html", mediaType: "text/html; charset=utf-8" },
  "/docs/page.css": { source: "./docs/page.css", mediaType: "text/css; charset=utf-8" },
  "/docs/start.js": { source: "./docs/start.js", mediaType: "text/javascript; charset=utf-8" },
  "/docs/swagger-ui-bundle.js": {
    source: "swagger-ui-dist/swagger-ui-bundle.js",
    mediaType: "text/javascript; charset=utf-8",
  },
  "/docs/swagger-ui.css": { source: "swagger-ui-dist/swagger-ui.css", mediaType: "text/css; charset=utf-8" },
  "/docs/favicon-32x32.png": { source: "swagger-ui-dist/favicon-32x32.png", mediaType: "image/png" },
} as const;

/** The gzipped files in base64, with their `source` as key. Only the bundle that `build.ts` writes defines it. */
declare const EMBEDDED_FILES: Readonly<Record<string, string>> | undefined;

/** Reads a file of this folder, if its source begins with `./`, or of a package. */
export function readDocsFile(source: string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof EMBEDDED_FILES === "undefined") return readFile(fileURLToPath(import.meta.resolve(source)));
  return promisify(gunzip)(Buffer.from(EMBEDDED_FILES[source]!, "base64"));
}
