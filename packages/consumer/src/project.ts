import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runWell } from "./run.ts";
import type { Tarball } from "./tarball.ts";

const lockfile = join(import.meta.dirname, "../../../pnpm-lock.yaml");

/** A project outside the workspace. */
export interface Project {
  readonly folder: string;
  /** Writes a file, with the folders on its way, and answers where it is. */
  readonly write: (path: string, text: string) => string;
}

/** A project without anything, in a folder of its own. */
export function createProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), "consumer-"));
  return {
    folder,
    write(path, text) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
  };
}

/** What a project has besides: what the packages' READMEs tell to install, what `./testing` is used with, and types. */
const others = ["@aws-sdk/client-dynamodb", "@types/node", "ajv", "ajv-formats", "vitest"];

/** The last TypeScript before 7, which many projects have. */
const OLDER_TYPESCRIPT = "5.9.3";

/**
 * Installs the packages from their tarballs, each being what the others mean by its name. pnpm gives a package nothing
 * but what it declares, so that an import of anything else fails.
 */
export async function install(project: Project, tarballs: readonly Tarball[]): Promise<void> {
  const packed = Object.fromEntries(tarballs.map(({ file, manifest }) => [manifest.name, `file:${file}`]));
  const known = tarballs.flatMap(({ manifest }) =>
    Object.entries({ ...manifest.devDependencies, ...manifest.dependencies }),
  );
  const versions = Object.fromEntries(known.filter(([name]) => others.includes(name)));
  const dependencies = { ...versions, ...packed, typescript: OLDER_TYPESCRIPT };
  project.write("package.json", JSON.stringify({ private: true, type: "module", dependencies }));
  project.write("pnpm-workspace.yaml", JSON.stringify({ overrides: packed }));
  // Versions as the workspace has them, as far as they fit: a release elsewhere does not change what is tested.
  project.write("pnpm-lock.yaml", readFileSync(lockfile, "utf8"));
  const options = ["--no-frozen-lockfile", "--prefer-offline", "--ignore-scripts"];
  await runWell("npx", ["--yes", "pnpm", "install", ...options], { cwd: project.folder });
}
