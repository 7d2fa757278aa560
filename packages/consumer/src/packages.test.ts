import { rmSync } from "node:fs";
import { startDynamo } from "@user-management/dynamo-adapter/testing";
import { afterAll, beforeAll, describe } from "vitest";
import { describeAdaptersDocument } from "./describe-adapters-document.ts";
import { describeReadme } from "./describe-readme.ts";
import { describeRequire, describeRuntime } from "./describe-runtime.ts";
import { describeTarball } from "./describe-tarball.ts";
import { describeTypes } from "./describe-types.ts";
import { lowestOf, nodeAt } from "./node-versions.ts";
import { pack } from "./pack.ts";
import { createProject, install } from "./project.ts";
import { startService } from "./start-service.ts";
import type { Tarball } from "./tarball.ts";

// One project for all, made before the tests: to pack and to install takes longer than most of them.
const project = createProject();
const remove = () => rmSync(project.folder, { recursive: true });
afterAll(remove);

const tarballs = await prepare().catch((error: unknown) => {
  remove(); // What is after all is not done where nothing could begin.
  throw error;
});

async function prepare(): Promise<Tarball[]> {
  const packed = await pack(project.folder);
  await install(project, packed);
  for (const { manifest } of packed) await Promise.all(lowestOf(manifest.engines.node).map(nodeAt));
  return packed;
}

for (const tarball of tarballs) {
  describe(tarball.manifest.name, () => {
    describe("the tarball", () => describeTarball(tarball));
    describe("the code", () => describeRuntime(project, tarball.manifest));
  });
}

const domain = tarballs.find(({ manifest }) => manifest.name === "@user-management/domain")!;

describe("the domain", () => describeRequire(project, domain.manifest));
describe("types", () => describeTypes(project, tarballs));
describe("docs/adapters.md", () => describeAdaptersDocument(project));

describe("the READMEs", () => {
  /** Where an example finds what it needs. */
  const surroundings = { dynamo: "", service: "" };

  beforeAll(async () => {
    const [dynamo, service] = await Promise.all([startDynamo(), startService()]);
    surroundings.dynamo = dynamo.endpoint;
    surroundings.service = service.url;
    return () => Promise.all([dynamo.stop(), service.stop()]);
  }, 120_000);

  for (const tarball of tarballs) {
    describe(tarball.manifest.name, () => describeReadme(project, tarball, surroundings));
  }
});
