import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const app = join(import.meta.dirname, "../..");

/** The file to deploy, built from the sources as they are now. */
export async function buildZip(): Promise<Uint8Array> {
  await promisify(execFile)(process.execPath, ["build.ts"], { cwd: app });
  return readFile(join(app, "dist/lambda.zip"));
}
