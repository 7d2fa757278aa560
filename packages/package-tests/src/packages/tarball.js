import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPackageFromTarballData } from "@arethetypeswrong/core";
import { REPOSITORY_ROOT } from "../documents/read-document.js";
import { runSuccessfully } from "./run.js";
/** The packages that are published to npm. */
export const PUBLISHED_PACKAGES = ["client", "domain", "dynamo-adapter", "jwt-adapter", "rest-adapter", "sqlite-adapter"].map((folder) => `@user-management/${folder}`);
/** Builds and packs the published packages into a folder, as a release does. */
export async function packPackages(folder) {
    const filters = PUBLISHED_PACKAGES.flatMap((name) => ["--filter", name]);
    const args = ["--yes", "pnpm", ...filters, "pack", "--out", join(folder, "%s.tgz")];
    await runSuccessfully("npx", args, { cwd: REPOSITORY_ROOT });
    return PUBLISHED_PACKAGES.map((name) => readTarball(join(folder, `${name.slice(1).replace("/", "-")}.tgz`)));
}
function readTarball(file) {
    const contents = createPackageFromTarballData(readFileSync(file));
    const root = `/node_modules/${contents.packageName}/`;
    const read = (path) => contents.readFile(root + path);
    return {
        file,
        manifest: JSON.parse(read("package.json")),
        paths: contents.listFiles().map((path) => path.slice(root.length)),
        read,
        contents,
    };
}
/** Returns the peer dependencies that a project must install, without those that only `./testing` needs. */
export function listRequiredPeers({ peerDependencies = {}, peerDependenciesMeta = {} }) {
    return Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
}
//# sourceMappingURL=tarball.js.map