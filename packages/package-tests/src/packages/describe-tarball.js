import { readFileSync } from "node:fs";
import { checkPackage } from "@arethetypeswrong/core";
import { publint } from "publint";
import { expect, test } from "vitest";
import { findReachableModules, toModule } from "./modules.js";
import { listRequiredPeers, PUBLISHED_PACKAGES } from "./tarball.js";
/** Problems that `@arethetypeswrong/core` finds in every package that has ES modules only, and that do not apply here. */
const ACCEPTED_PROBLEMS = [
    {
        reason: "`require()` loads ES modules on every supported version of Node.js",
        matches: ({ kind }) => kind === "CJSResolvesToESM",
    },
    {
        reason: "Node.js 10, which ignores `exports`, is not supported",
        matches: (problem) => problem.kind === "NoResolution" && problem.resolutionKind === "node10",
    },
];
function isUnexpected(problem) {
    return !ACCEPTED_PROBLEMS.some(({ matches }) => matches(problem));
}
/** Defines the tests of a tarball: its files, its manifest, and the findings of publint and `@arethetypeswrong/core`. */
export function describeTarball(tarball) {
    const { file, manifest, paths, read } = tarball;
    const entries = Object.keys(manifest.exports);
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    test("contains the modules reachable from its entries, README and license, and no other files", () => {
        const modules = paths.filter((path) => path.startsWith("dist/")).map(toModule);
        expect(new Set(modules)).toEqual(findReachableModules(tarball, entries).modules);
        expect(paths.filter((path) => !path.startsWith("dist/")).toSorted()).toEqual([
            "LICENSE",
            "README.md",
            "package.json",
        ]);
        expect(read("LICENSE")).toMatch(/^MIT License/);
    });
    test("declares the packages that it imports and no others; those of ./testing are optional peers", () => {
        const runtimeEntries = entries.filter((entry) => entry !== "./testing");
        const runtimePackages = findReachableModules(tarball, runtimeEntries).packages;
        const requiredPeers = listRequiredPeers(manifest);
        expect([...runtimePackages].toSorted()).toEqual([...Object.keys(dependencies), ...requiredPeers].toSorted());
        const testingPackages = [...findReachableModules(tarball, entries).packages].filter((name) => !runtimePackages.has(name) && name !== manifest.name);
        const optionalPeers = Object.keys(peerDependencies).filter((name) => !requiredPeers.includes(name));
        expect(testingPackages.toSorted()).toEqual(optionalPeers.toSorted());
        expect(Object.keys(peerDependenciesMeta).toSorted()).toEqual(optionalPeers.toSorted());
        for (const name of optionalPeers)
            expect(peerDependenciesMeta[name]).toEqual({ optional: true });
    });
    test("declares published packages as peers, so that a project has one copy of each", () => {
        for (const name of PUBLISHED_PACKAGES)
            expect(dependencies).not.toHaveProperty([name]);
        for (const name of listRequiredPeers(manifest))
            expect(PUBLISHED_PACKAGES).toContain(name);
    });
    test("has a manifest without fields and ranges of the workspace", () => {
        expect(read("package.json")).not.toMatch(/workspace:|catalog:|publishConfig|prepack/);
        // Ranges, so that a project that already has a compatible version needs no second one.
        for (const range of Object.values({ ...dependencies, ...peerDependencies })) {
            expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
        }
        expect(manifest).not.toHaveProperty("private");
    });
    test("has source maps that contain the sources", () => {
        const maps = paths.filter((path) => path.endsWith(".map"));
        expect(maps).not.toEqual([]);
        for (const path of maps) {
            const { sources, sourcesContent } = JSON.parse(read(path));
            expect(sourcesContent, path).toEqual(sources.map(() => expect.stringMatching(/\w/)));
        }
    });
    test("passes publint", async () => {
        const { buffer } = Uint8Array.from(readFileSync(file));
        const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
        expect(messages).toEqual([]);
    });
    test("passes @arethetypeswrong/core", async () => {
        const analysis = await checkPackage(tarball.contents);
        if (!analysis.types)
            throw new Error(`${manifest.name} has no types.`);
        expect(analysis.problems.filter(isUnexpected)).toEqual([]);
    });
}
//# sourceMappingURL=describe-tarball.js.map