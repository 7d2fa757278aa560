import type { Manifest } from "./tarball.ts";
/** Returns the lowest versions of Node.js that satisfy the `engines` of a package, such as `^20.19.0 || >=22.12.0`. */
export declare function listLowestNodeVersions({ engines }: Manifest): string[];
/** Returns the versions of Node.js on which a package is tested: the lowest ones and the current one. */
export declare function listTestedNodeVersions(manifest: Manifest): string[];
/**
 * Returns the path of the executable of a version of Node.js. It is installed from npm on first use, so that the tests
 * do not depend on the versions that the machine has.
 *
 * @throws Error if the version cannot be downloaded or does not run here
 */
export declare function installNode(version: string): Promise<string>;
