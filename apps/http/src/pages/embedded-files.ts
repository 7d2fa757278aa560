import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** The gzipped files of the pages in base64, with their `source` as key. Only the bundle that `build.ts` writes defines it. */
declare const EMBEDDED_FILES: Readonly<Record<string, string>> | undefined;

/** Returns the file that the bundle contains; `undefined` if this is not the bundle. */
export async function readEmbeddedFile(source: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (typeof EMBEDDED_FILES === "undefined") return undefined;
  return new Uint8Array(await promisify(gunzip)(Buffer.from(EMBEDDED_FILES[source]!, "base64")));
}
