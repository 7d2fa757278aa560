import { type Tarball } from "./tarball.ts";
/** Defines the tests of a tarball: its files, its manifest, and the findings of publint and `@arethetypeswrong/core`. */
export declare function describeTarball(tarball: Tarball): void;
