import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lowestOf, nodeAt } from "./node-versions.ts";
import type { Project } from "./project.ts";
import { runWell } from "./run.ts";
import type { Manifest } from "./tarball.ts";

/** The entries that a program loads; `./testing` is for vitest, which is of ES modules and newer Node.js alone. */
function loadedBy(manifest: Manifest): string[] {
  const entries = Object.keys(manifest.exports).filter((entry) => entry !== "./testing" && !entry.endsWith(".json"));
  return entries.map((entry) => join(manifest.name, entry));
}

/** Prints the names that every entry exports, by `import` and by `require()`. */
const loading = `
  const namesOf = (module) => Object.keys(module).filter((name) => name !== "module.exports").toSorted();
  Promise.all(process.argv.slice(2).map(async (entry) => {
    console.log(JSON.stringify([entry, namesOf(await import(entry)), namesOf(require(entry))]));
  }));
`;

/** The versions of Node.js that a package is tried on: the lowest that it admits, and this one. */
function versionsOf({ engines }: Manifest): string[] {
  return [...new Set([...lowestOf(engines.node), process.versions.node])];
}

/** A package as a program loads it, on every version of Node.js that it is tried on. */
export function describeRuntime(project: Project, manifest: Manifest): void {
  test.for(versionsOf(manifest))("loads by import and by require() on Node.js %s", async (version) => {
    const script = project.write("loading.cjs", loading);
    const entries = loadedBy(manifest);
    const printed = await runWell(await nodeAt(version), [script, ...entries], { cwd: project.folder });
    const loaded = printed
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as [string, string[], string[]]);
    expect(loaded.map(([entry]) => entry).toSorted()).toEqual(entries.toSorted());
    for (const [, imported, required] of loaded) {
      expect(imported).not.toEqual([]);
      expect(required).toEqual(imported);
    }
  });
}

/** The use of the domain in CommonJS, `uses/domain.cjs`. */
export function describeRequire(project: Project, domain: Manifest): void {
  test.for(versionsOf(domain))("works in CommonJS on Node.js %s", async (version) => {
    const script = project.write("domain.cjs", readFileSync(join(import.meta.dirname, "uses/domain.cjs"), "utf8"));
    const printed = await runWell(await nodeAt(version), [script], { cwd: project.folder });
    expect(printed).toBe('{"version":2,"code":"invalid-user","pointers":["#/email"]}\ntrue\n');
  });
}
