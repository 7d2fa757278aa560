import type { Tarball } from "./tarball.ts";
/** A project outside the workspace. */
export interface Project {
    readonly folder: string;
    /** Writes a file, creates its folders, and returns its absolute path. */
    readonly write: (path: string, text: string) => string;
}
/** Creates an empty project in a temporary folder. */
export declare function createProject(): Project;
/**
 * Installs the packages from their tarballs with pnpm, whose layout makes only the declared dependencies of a package
 * importable: an import of any other package fails.
 */
export declare function installPackages(project: Project, tarballs: readonly Tarball[]): Promise<void>;
