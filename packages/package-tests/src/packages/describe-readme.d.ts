import type { Project } from "./project.ts";
import { type Tarball } from "./tarball.ts";
/** The services that examples connect to. */
export interface Services {
    /** The endpoint of a DynamoDB engine. */
    readonly dynamoEndpoint: string;
    /** The URL of the users API. */
    readonly apiUrl: string;
}
/**
 * Defines the tests of a package's README: it is short and has one example, which is a complete program.
 *
 * @param services is read when the tests run
 */
export declare function describeReadme(project: Project, { manifest, read }: Tarball, services: Services): void;
