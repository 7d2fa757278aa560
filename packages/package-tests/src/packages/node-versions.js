import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run, runSuccessfully } from "./run.js";
const CACHE_FOLDER = join(import.meta.dirname, "../../node_modules/.cache/node");
/** Returns the lowest versions of Node.js that satisfy the `engines` of a package, such as `^20.19.0 || >=22.12.0`. */
export function listLowestNodeVersions({ engines }) {
    return engines.node.split(" || ").map((range) => {
        const [, version] = /^(?:\^|>=)(\d+\.\d+\.\d+)$/.exec(range) ?? [];
        if (version === undefined)
            throw new Error(`The range of Node.js versions is not supported: ${engines.node}`);
        return version;
    });
}
/** Returns the versions of Node.js on which a package is tested: the lowest ones and the current one. */
export function listTestedNodeVersions(manifest) {
    return [...new Set([...listLowestNodeVersions(manifest), process.versions.node])];
}
/**
 * Returns the path of the executable of a version of Node.js. It is installed from npm on first use, so that the tests
 * do not depend on the versions that the machine has.
 *
 * @throws Error if the version cannot be downloaded or does not run here
 */
export async function installNode(version) {
    if (version === process.versions.node)
        return process.execPath;
    const folder = join(CACHE_FOLDER, version);
    const target = `${process.platform}-${process.arch}`;
    const name = target === "darwin-arm64" ? `node-bin-${target}` : `node-${target}`;
    const executable = join(folder, "node_modules", name, "bin/node");
    if (await hasVersion(executable, version))
        return executable;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
    await runSuccessfully("npm", ["install", ...options, `${name}@${version}`], { cwd: folder });
    if (await hasVersion(executable, version))
        return executable;
    throw new Error(`Node.js ${version} was downloaded but does not run: ${executable}`);
}
async function hasVersion(executable, version) {
    try {
        const { stdout } = await run(executable, ["-p", "process.versions.node"], { cwd: import.meta.dirname });
        return stdout.trim() === version;
    }
    catch {
        return false;
    }
}
//# sourceMappingURL=node-versions.js.map