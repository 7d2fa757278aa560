import type { Project } from "./project.ts";
import type { Tarball } from "./tarball.ts";
/**
 * Defines the tests that compile the folder `uses` and the documents' examples in the project. The declarations of the
 * packages are checked too (`skipLibCheck` is off). `@ts-expect-error` marks the uses that must not compile.
 */
export declare function describeTypes(project: Project, tarballs: readonly Tarball[]): void;
