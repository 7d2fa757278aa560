import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readDocument } from "../documents/read-document.js";
import { runSuccessfully } from "./run.js";
/** Creates an empty project in a temporary folder. */
export function createProject() {
    const folder = mkdtempSync(join(tmpdir(), "package-tests-"));
    return {
        folder,
        write(path, text) {
            const file = join(folder, path);
            mkdirSync(dirname(file), { recursive: true });
            writeFileSync(file, text);
            return file;
        },
    };
}
/** The third-party packages of the project: those in the READMEs' install commands, the peers of `./testing`, and types. */
const THIRD_PARTY_PACKAGES = ["@aws-sdk/client-dynamodb", "@types/node", "ajv", "ajv-formats", "vitest"];
/** The last version before TypeScript 7. */
const OLDER_TYPESCRIPT_VERSION = "5.9.3";
/**
 * Installs the packages from their tarballs with pnpm, whose layout makes only the declared dependencies of a package
 * importable: an import of any other package fails.
 */
export async function installPackages(project, tarballs) {
    const packed = Object.fromEntries(tarballs.map(({ file, manifest }) => [manifest.name, `file:${file}`]));
    const declared = tarballs.flatMap(({ manifest }) => Object.entries({ ...manifest.devDependencies, ...manifest.dependencies }));
    const thirdParty = Object.fromEntries(declared.filter(([name]) => THIRD_PARTY_PACKAGES.includes(name)));
    const dependencies = { ...thirdParty, ...packed, typescript: OLDER_TYPESCRIPT_VERSION };
    project.write("package.json", JSON.stringify({ private: true, type: "module", dependencies }));
    // With this lockfile pnpm installs the workspace's versions where they satisfy the ranges, so that a new third-party
    // release does not change the result of the tests.
    project.write("pnpm-lock.yaml", readDocument("pnpm-lock.yaml"));
    const options = ["--no-frozen-lockfile", "--prefer-offline", "--ignore-scripts", "--ignore-workspace"];
    await runSuccessfully("npx", ["--yes", "pnpm", "install", ...options], { cwd: project.folder });
}
//# sourceMappingURL=project.js.map