import type { Project } from "./project.ts";
/** Defines the tests that run the examples of `docs/adapters.md`, an adapter and its test, in a third-party project. */
export declare function describeAdaptersDocument(project: Project): void;
