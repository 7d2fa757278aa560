import { type Package } from "@arethetypeswrong/core";
/** The packages that are published to npm. */
export declare const PUBLISHED_PACKAGES: string[];
/** The fields of a manifest (`package.json`) that the tests read. */
export interface Manifest {
    readonly name: string;
    readonly version: string;
    readonly exports: Readonly<Record<string, string | {
        readonly types: string;
        readonly default: string;
    }>>;
    readonly engines: {
        readonly node: string;
    };
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly devDependencies?: Readonly<Record<string, string>>;
    readonly peerDependencies?: Readonly<Record<string, string>>;
    readonly peerDependenciesMeta?: Readonly<Record<string, {
        readonly optional?: boolean;
    }>>;
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
export declare function packPackages(folder: string): Promise<Tarball[]>;
/** Returns the peer dependencies that a project must install, without those that only `./testing` needs. */
export declare function listRequiredPeers({ peerDependencies, peerDependenciesMeta }: Manifest): string[];
