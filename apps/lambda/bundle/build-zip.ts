import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** Builds the deployment package from the current sources in a process of its own, and returns its bytes. */
export async function buildZip(): Promise<Uint8Array> {
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, "build.ts")]);
  return readFile(join(import.meta.dirname, "../dist/lambda.zip"));
}
