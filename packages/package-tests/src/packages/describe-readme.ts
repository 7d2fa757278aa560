import { randomUUID } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { extractExamples, extractExpectedOutput, extractInstalledPackages } from "./examples.ts";
import { extractSpecifiers, toPackageName } from "./modules.ts";
import { installNode, listLowestNodeVersions } from "./node-versions.ts";
import type { Project } from "./project.ts";
import { runSuccessfully } from "./run.ts";
import { listRequiredPeers, type Tarball } from "./tarball.ts";

/** The services that examples connect to. */
export interface Services {
  /** The endpoint of a DynamoDB engine. */
  readonly dynamoEndpoint: string;
  /** The URL of the users API. */
  readonly apiUrl: string;
}

/** The default URL of the users API, which examples contain. */
const DEFAULT_API_URL = "http://127.0.0.1:5000";

const MAX_README_LINES = 42;

/**
 * Defines the tests of a package's README: it is short and has one example, which is a complete program.
 *
 * @param services is read when the tests run
 */
export function describeReadme(project: Project, { manifest, read }: Tarball, services: Services): void {
  const readme = read("README.md");
  const [example = ""] = extractExamples(readme);

  test(`has one example and at most ${MAX_README_LINES} lines`, () => {
    expect(extractExamples(readme)).toHaveLength(1);
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(MAX_README_LINES);
  });

  test("installs the packages that the example imports, and the required peers", () => {
    const imported = extractSpecifiers(example).filter((specifier) => !specifier.startsWith("node:"));
    const installed = extractInstalledPackages(readme);
    expect(installed.toSorted()).toEqual([...new Set(imported.map(toPackageName))].toSorted());
    expect(installed).toEqual(expect.arrayContaining(listRequiredPeers(manifest)));
  });

  test("has an example with the documented output", async () => {
    expect(await runExample(process.execPath, "example.mts", example)).toEqual(extractExpectedOutput(example));
  });

  test.for(listLowestNodeVersions(manifest))(
    "has an example with the documented output on Node.js %s",
    async (version) => {
      const output = await runExample(await installNode(version), "example.mjs", stripTypeScriptTypes(example));
      expect(output).toEqual(extractExpectedOutput(example));
    },
  );

  /** Runs an example in a folder of its own and returns the lines of its output. */
  async function runExample(node: string, name: string, code: string): Promise<string[]> {
    const file = project.write(`${randomUUID()}/${name}`, code.replaceAll(DEFAULT_API_URL, services.apiUrl));
    const env = {
      AWS_ENDPOINT_URL_DYNAMODB: services.dynamoEndpoint,
      AWS_REGION: "local",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      USERS_TABLE: `Example-${randomUUID()}`,
    };
    const output = await runSuccessfully(node, [file], { cwd: dirname(file), env });
    return output.trimEnd().split("\n");
  }
}
