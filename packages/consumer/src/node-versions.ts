import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run, runWell } from "./run.ts";

const cache = join(import.meta.dirname, "../node_modules/.cache/node");

/** The lowest versions of Node.js that a range such as `^20.19.0 || >=22.12.0` admits. */
export function lowestOf(range: string): string[] {
  return range.split(" || ").map((part) => {
    const [, version] = /^(?:\^|>=)(\d+\.\d+\.\d+)$/.exec(part) ?? [];
    if (version === undefined) throw new Error(`a range of Node.js that is not understood: ${range}`);
    return version;
  });
}

/**
 * The program of a version of Node.js: from npm, where the package `node` has it too, so that it does not depend on the
 * machine. It is downloaded the first time that it is needed, and kept.
 *
 * @throws Error when there is none and it cannot be downloaded
 */
export async function nodeAt(version: string): Promise<string> {
  if (version === process.versions.node) return process.execPath;
  const folder = join(cache, version);
  const target = `${process.platform}-${process.arch}`;
  const name = target === "darwin-arm64" ? `node-bin-${target}` : `node-${target}`;
  const program = join(folder, "node_modules", name, "bin/node");
  if (await runsAt(program, version)) return program;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await runWell(
    "npm",
    ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", `${name}@${version}`],
    { cwd: folder },
  );
  if (await runsAt(program, version)) return program;
  throw new Error(`Node.js ${version} was downloaded and does not run: ${program}`);
}

async function runsAt(program: string, version: string): Promise<boolean> {
  const { out } = await run(program, ["-p", "process.versions.node"], { cwd: import.meta.dirname }).catch(() => ({
    out: "",
  }));
  return out.trim() === version;
}
