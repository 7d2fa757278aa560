import { join } from "node:path";
import { published } from "./published.ts";
import { runWell } from "./run.ts";
import { readTarball, type Tarball } from "./tarball.ts";

const workspace = join(import.meta.dirname, "../../..");

/** Builds and packs the published packages as a release does, into a folder. */
export async function pack(folder: string): Promise<Tarball[]> {
  const filters = published.flatMap((name) => ["--filter", `@user-management/${name}`]);
  await runWell("npx", ["--yes", "pnpm", ...filters, "pack", "--out", join(folder, "%s.tgz")], { cwd: workspace });
  return published.map((name) => readTarball(join(folder, `user-management-${name}.tgz`)));
}
