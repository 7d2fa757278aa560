import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

const folder = dirname(createRequire(import.meta.url).resolve("aws-lambda-ric/package.json"));
const nativeAddon = join(folder, "rapid-client.node");

/** The path of AWS's runtime client, the program that calls the handler of a function in Lambda. */
export const RUNTIME_CLIENT_PATH = join(folder, "index.mjs");

/** Returns the reason why AWS's runtime client cannot run on this machine, or `undefined` if it can. */
export function findRuntimeClientObstacle(): string | undefined {
  if (process.platform !== "linux") {
    return `AWS's runtime client runs on Linux only, and this platform is ${process.platform}.`;
  }
  if (existsSync(nativeAddon) || ["cmake", "cmake3"].some(isInstalled)) return undefined;
  return "AWS's runtime client is not built, and cmake, which builds it, is not installed.";
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

/**
 * Builds the native addon of the runtime client with the scripts of its package, unless it exists. The build takes a
 * minute, once per installation. Of concurrent processes one builds and the others wait for its file lock, which the
 * kernel releases if the process dies.
 *
 * @throws Error with the output of a failed build
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
    throw new Error(`AWS's runtime client cannot be built: ${stderr?.trim().slice(-2_000)}`, { cause });
  }
}
