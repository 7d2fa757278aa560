import { readFileSync } from "node:fs";
import { checkPackage, type Problem } from "@arethetypeswrong/core";
import { publint } from "publint";
import { expect, test } from "vitest";
import { moduleOf, modulesFrom } from "./modules.ts";
import type { Tarball } from "./tarball.ts";

/** What is found in every package of ES modules alone, and is meant to be. */
const expected: { readonly because: string; readonly covers: (problem: Problem) => boolean }[] = [
  {
    because: "`require()` answers an ES module, as it does on every version of Node.js that the packages run on",
    covers: ({ kind }) => kind === "CJSResolvesToESM",
  },
  {
    because: "Node.js 10 knows no `exports`, and is not among those versions",
    covers: (problem) => problem.kind === "NoResolution" && problem.resolutionKind === "node10",
  },
];

/** What is published: its files, its manifest, and what publint and "Are the types wrong?" find in it. */
export function describeTarball(tarball: Tarball): void {
  const { file, manifest, paths, read } = tarball;
  const entries = Object.keys(manifest.exports);
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;

  test("holds what its entries lead to, README and license, and nothing else", () => {
    const modules = paths.filter((path) => path.startsWith("dist/")).map(moduleOf);
    expect(new Set(modules)).toEqual(modulesFrom(tarball, entries).paths);
    expect(paths.filter((path) => !path.startsWith("dist/")).toSorted()).toEqual([
      "LICENSE",
      "README.md",
      "package.json",
    ]);
    expect(read("LICENSE")).toMatch(/^MIT License/);
  });

  test("depends on what it imports, and on nothing else; only for tests on what a project may not have", () => {
    const used = modulesFrom(
      tarball,
      entries.filter((entry) => entry !== "./testing"),
    ).packages;
    expect([...used].toSorted()).toEqual(Object.keys(dependencies).toSorted());
    const all = [...modulesFrom(tarball, entries).packages];
    const forTests = all.filter((name) => !used.has(name) && name !== manifest.name);
    expect(forTests.toSorted()).toEqual(Object.keys(peerDependencies).toSorted());
    for (const name of Object.keys(peerDependencies)) expect(peerDependenciesMeta[name]).toEqual({ optional: true });
  });

  test("says nothing that only the workspace understands", () => {
    expect(read("package.json")).not.toMatch(/workspace:|catalog:|publishConfig|prepack/);
    // Ranges, so that a project that has one of them already needs no second.
    for (const range of Object.values(dependencies)) expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
    expect(manifest).not.toHaveProperty("private");
  });

  test("has source maps with the sources in them", () => {
    const maps = paths.filter((path) => path.endsWith(".map"));
    expect(maps).not.toEqual([]);
    for (const path of maps) {
      const { sources, sourcesContent } = JSON.parse(read(path)) as Record<string, unknown[]>;
      expect(sourcesContent, path).toEqual(sources!.map(() => expect.stringMatching(/\w/)));
    }
  });

  test("is a package as publint wants it", async () => {
    const { buffer } = Uint8Array.from(readFileSync(file));
    const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
    expect(messages).toEqual([]);
  });

  test("has types that are right wherever its code can be loaded", async () => {
    const analysis = await checkPackage(tarball.contents);
    if (!analysis.types) throw new Error(`${manifest.name} has no types`);
    expect(analysis.problems.filter((problem) => !expected.some(({ covers }) => covers(problem)))).toEqual([]);
  });
}
