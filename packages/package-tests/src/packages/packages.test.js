import { rmSync } from "node:fs";
import { startDynamo } from "@user-management/dynamo-adapter/testing";
import { afterAll, beforeAll, describe } from "vitest";
import { describeAdaptersDocument } from "./describe-adapters-document.js";
import { describeReadme } from "./describe-readme.js";
import { describeCommonJs, describeRuntime } from "./describe-runtime.js";
import { describeSharedDomain } from "./describe-shared-domain.js";
import { describeTarball } from "./describe-tarball.js";
import { describeTypes } from "./describe-types.js";
import { installNode, listLowestNodeVersions } from "./node-versions.js";
import { createProject, installPackages } from "./project.js";
import { startService } from "./start-service.js";
import { packPackages } from "./tarball.js";
// All tests share one project, created before them: packing and installing takes longer than most of them.
const project = createProject();
const deleteProject = () => rmSync(project.folder, { recursive: true });
afterAll(deleteProject);
const tarballs = await prepareProject().catch((error) => {
    deleteProject(); // Hooks do not run if a test file fails before its tests are defined.
    throw error;
});
async function prepareProject() {
    const packed = await packPackages(project.folder);
    await installPackages(project, packed);
    for (const { manifest } of packed)
        await Promise.all(listLowestNodeVersions(manifest).map(installNode));
    return packed;
}
for (const tarball of tarballs) {
    describe(tarball.manifest.name, () => {
        describe("the tarball", () => describeTarball(tarball));
        describe("the code", () => describeRuntime(project, tarball.manifest));
    });
}
const domain = tarballs.find(({ manifest }) => manifest.name === "@user-management/domain");
describe("the domain", () => {
    describeCommonJs(project, domain.manifest);
    describeSharedDomain(project, tarballs);
});
describe("types", () => describeTypes(project, tarballs));
describe("docs/adapters.md", () => describeAdaptersDocument(project));
describe("the READMEs", () => {
    const services = { dynamoEndpoint: "", apiUrl: "" };
    beforeAll(async () => {
        const [dynamo, service] = await Promise.all([startDynamo(), startService()]);
        services.dynamoEndpoint = dynamo.endpoint;
        services.apiUrl = service.url;
        return () => Promise.all([dynamo.stop(), service.stop()]);
    }, 120_000);
    for (const tarball of tarballs) {
        describe(tarball.manifest.name, () => describeReadme(project, tarball, services));
    }
});
//# sourceMappingURL=packages.test.js.map