import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** Set by the build, whose one file has no others beside it: the files by name, each gzipped and in base64. */
declare const EMBEDDED_FILES: Readonly<Record<string, string>> | undefined;

/** One file of the page at `/docs`: of this folder when its name begins with `./`, otherwise of a package. */
export function readDocsFile(file: string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof EMBEDDED_FILES === "undefined") return readFile(fileURLToPath(import.meta.resolve(file)));
  return promisify(gunzip)(Buffer.from(EMBEDDED_FILES[file]!, "base64"));
}
