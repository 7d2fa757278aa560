import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

const folder = dirname(createRequire(import.meta.url).resolve("aws-lambda-ric/package.json"));
const native = join(folder, "rapid-client.node");

/** AWS's own runtime client: the program that calls a function's handler in Lambda. */
export const runtimeClient = join(folder, "index.mjs");

/** Why AWS's runtime client cannot run on this machine, or `undefined` where it can. */
export function noRuntimeClient(): string | undefined {
  if (process.platform !== "linux")
    return `AWS's runtime client exists for Linux only, and this is ${process.platform}`;
  if (existsSync(native) || ["cmake", "cmake3"].some(runs)) return undefined;
  return "AWS's runtime client is not built, and cmake, which builds it, is not installed";
}

function runs(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

/**
 * Builds the native part of the runtime client by the package's own scripts, unless it is there. It takes a minute,
 * once for an installation: of processes that need it at the same time one builds and the others wait, by a lock that
 * the kernel takes back from a process that died.
 *
 * @throws Error with what the build said when it fails
 */
export async function buildRuntimeClient(): Promise<void> {
  const build = "test -f rapid-client.node || { npm run preinstall && npm run postinstall; }";
  const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  try {
    await promisify(execFile)("flock", ["package.json", "sh", "-c", build], {
      cwd: folder,
      env: { ...process.env, PATH },
      maxBuffer: 64 * 2 ** 20,
    });
  } catch (cause) {
    const { stderr } = cause as { stderr?: string };
    throw new Error(`AWS's runtime client could not be built: ${stderr?.trim().slice(-2_000)}`, { cause });
  }
}
