import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPackageFromTarballData, type Package } from "@arethetypeswrong/core";
import { REPOSITORY_ROOT } from "../documents/read-document.ts";
import { runSuccessfully } from "./run.ts";

/** The packages that are published to npm. */
export const PUBLISHED_PACKAGES = [
  "client",
  "domain",
  "dynamo-adapter",
  "jwt-adapter",
  "rest-adapter",
  "sqlite-adapter",
].map((folder) => `@user-management/${folder}`);

/** The fields of a manifest (`package.json`) that the tests read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export interface Tarball {
  readonly file: string;
  readonly manifest: Manifest;
  /** The paths of the packed files, such as `dist/index.js`. */
  readonly paths: readonly string[];
  readonly read: (path: string) => string;
  /** The package in the form that `checkPackage` of `@arethetypeswrong/core` accepts. */
  readonly contents: Package;
}

/** Builds and packs the published packages into a folder, as a release does. */
export async function packPackages(folder: string): Promise<Tarball[]> {
  const filters = PUBLISHED_PACKAGES.flatMap((name) => ["--filter", name]);
  const args = ["--yes", "pnpm", ...filters, "pack", "--out", join(folder, "%s.tgz")];
  await runSuccessfully("npx", args, { cwd: REPOSITORY_ROOT });
  return PUBLISHED_PACKAGES.map((name) => readTarball(join(folder, `${name.slice(1).replace("/", "-")}.tgz`)));
}

function readTarball(file: string): Tarball {
  const contents = createPackageFromTarballData(readFileSync(file));
  const root = `/node_modules/${contents.packageName}/`;
  const read = (path: string) => contents.readFile(root + path);
  return {
    file,
    manifest: JSON.parse(read("package.json")) as Manifest,
    paths: contents.listFiles().map((path) => path.slice(root.length)),
    read,
    contents,
  };
}

/** Returns the peer dependencies that a project must install, without those that only `./testing` needs. */
export function listRequiredPeers({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): string[] {
  return Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
}
