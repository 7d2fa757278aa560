import { dirname, join } from "node:path/posix";
import type { Tarball } from "./tarball.ts";

/** What the text of a module imports: in code and in types, at once or when asked, or only to find where it is. */
export function specifiersIn(text: string): string[] {
  const imports = /\b(?:from|import|import\(|resolve\()\s*"([^"]+)"/g;
  return [...text.matchAll(imports)].map(([, specifier]) => specifier!);
}

/** A module without extension: its code, its types, which import each other as `.ts`, and its source map are one. */
export function moduleOf(path: string): string {
  return path.replace(/\.(js|(d\.)?ts|js\.map)$/, "");
}

export interface Modules {
  /** The modules that can be reached, without extension. */
  readonly paths: ReadonlySet<string>;
  /** The packages that they import. */
  readonly packages: ReadonlySet<string>;
}

/** What these entries of a package lead to. */
export function modulesFrom({ manifest, paths, read }: Tarball, entries: readonly string[]): Modules {
  const reached = new Set<string>();
  const packages = new Set<string>();
  const targets = entries.flatMap((entry) => Object.values(targetsOf(manifest.exports[entry]!)));
  for (const target of targets) reach(moduleOf(join(target)));
  return { paths: reached, packages };

  function reach(module: string): void {
    if (reached.has(module)) return;
    reached.add(module);
    const files = paths.filter((path) => path !== module && moduleOf(path) === module && !path.endsWith(".map"));
    for (const specifier of files.flatMap((path) => specifiersIn(read(path)))) {
      if (specifier.startsWith(".")) reach(moduleOf(join(dirname(module), specifier)));
      else if (!specifier.startsWith("node:")) packages.add(packageOf(specifier));
    }
  }
}

function targetsOf(target: string | { readonly types: string; readonly default: string }): readonly string[] {
  return typeof target === "string" ? [target] : [target.types, target.default];
}

/** The package that a specifier names. */
export function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
