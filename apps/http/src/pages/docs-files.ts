import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readEmbeddedFile } from "./embedded-files.ts";

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

/** Reads a file of this folder, if its source begins with `./`, or of a package. */
export async function readDocsFile(source: string): Promise<Uint8Array<ArrayBuffer>> {
  return (await readEmbeddedFile(source)) ?? readFile(fileURLToPath(import.meta.resolve(source)));
}
