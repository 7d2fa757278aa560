import type { Tarball } from "./tarball.ts";
/** Returns the specifiers that code or declarations import, statically or dynamically, or pass to `resolve()`. */
export declare function extractSpecifiers(code: string): string[];
/** Returns the name of the package that a specifier refers to. */
export declare function toPackageName(specifier: string): string;
/**
 * Removes the extension from the path of a file. A module is identified without it: its code, its declarations, which
 * import each other as `.ts`, and its source map are one module.
 */
export declare function toModule(path: string): string;
/** The modules that are reachable from entries of a package, and the packages that these modules import. */
export interface ReachableModules {
    readonly modules: ReadonlySet<string>;
    readonly packages: ReadonlySet<string>;
}
/** Follows the imports of a package, starting from some of its entries. */
export declare function findReachableModules({ manifest, paths, read }: Tarball, entries: readonly string[]): ReachableModules;
