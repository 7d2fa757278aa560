import { readFileSync } from "node:fs";
import { createPackageFromTarballData, type Package } from "@arethetypeswrong/core";

/** What a package's manifest says, as far as it matters here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: boolean }>>;
}

export interface Tarball {
  readonly file: string;
  readonly manifest: Manifest;
  /** The paths of its files, such as `dist/index.js`. */
  readonly paths: readonly string[];
  readonly read: (path: string) => string;
  /** As the checks of types want it. */
  readonly contents: Package;
}

export function readTarball(file: string): Tarball {
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
