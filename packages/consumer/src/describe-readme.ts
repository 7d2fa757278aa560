import { randomUUID } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { examplesIn, installedBy, promisedBy } from "./example.ts";
import { packageOf, specifiersIn } from "./modules.ts";
import { lowestOf, nodeAt } from "./node-versions.ts";
import type { Project } from "./project.ts";
import { runWell } from "./run.ts";
import type { Tarball } from "./tarball.ts";

/** Where what an example needs listens. */
export interface Surroundings {
  /** A DynamoDB engine. */
  readonly dynamo: string;
  /** The API of users. */
  readonly service: string;
}

/** Where the service listens unless it is told otherwise, as examples say. */
const USUAL = "http://127.0.0.1:5000";

/**
 * A package's README: short, with one example that is a whole program.
 *
 * @param surroundings known when the tests run
 */
export function describeReadme(project: Project, { manifest, read }: Tarball, surroundings: Surroundings): void {
  const readme = read("README.md");
  const [example = ""] = examplesIn(readme);

  test("has one example, and at most 40 lines", () => {
    expect(examplesIn(readme)).toHaveLength(1);
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(40);
  });

  test("tells to install what the example imports", () => {
    const imported = specifiersIn(example).filter((specifier) => !specifier.startsWith("node:"));
    expect(installedBy(readme).toSorted()).toEqual([...new Set(imported.map(packageOf))].toSorted());
  });

  test("has an example that prints what it says", async () => {
    expect(await printedBy(process.execPath, "example.mts", example)).toEqual(promisedBy(example));
  });

  test.for(lowestOf(manifest.engines.node))("has an example that also runs on Node.js %s", async (version) => {
    const printed = await printedBy(await nodeAt(version), "example.mjs", stripTypeScriptTypes(example));
    expect(printed).toEqual(promisedBy(example));
  });

  /** Runs the example in a folder of its own. */
  async function printedBy(node: string, name: string, text: string): Promise<string[]> {
    const file = project.write(`${randomUUID()}/${name}`, text.replaceAll(USUAL, surroundings.service));
    const env = {
      AWS_ENDPOINT_URL_DYNAMODB: surroundings.dynamo,
      AWS_REGION: "local",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      USERS_TABLE: `Example-${randomUUID()}`,
    };
    const printed = await runWell(node, [file], { cwd: dirname(file), env });
    return printed.trimEnd().split("\n");
  }
}
