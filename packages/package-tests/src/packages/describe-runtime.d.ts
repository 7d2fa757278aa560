import type { Project } from "./project.ts";
import type { Manifest } from "./tarball.ts";
/** Defines the tests that load a package, on every version of Node.js on which it is tested. */
export declare function describeRuntime(project: Project, manifest: Manifest): void;
/** Defines the tests of the domain in CommonJS, with the program `uses/domain.cjs`. */
export declare function describeCommonJs(project: Project, domain: Manifest): void;
