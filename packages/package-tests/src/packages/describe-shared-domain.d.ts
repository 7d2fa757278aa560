import type { Project } from "./project.ts";
import { type Tarball } from "./tarball.ts";
/** Defines the tests of projects that have one copy of the domain, and of those that have two. */
export declare function describeSharedDomain(project: Project, tarballs: readonly Tarball[]): void;
