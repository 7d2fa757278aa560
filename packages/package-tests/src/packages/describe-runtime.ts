import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installNode, listTestedNodeVersions } from "./node-versions.ts";
import type { Project } from "./project.ts";
import { runSuccessfully } from "./run.ts";
import type { Manifest } from "./tarball.ts";

/** Returns the specifiers that programs import. `./testing` is for vitest, which requires a newer Node.js. */
function listRuntimeSpecifiers({ name, exports }: Manifest): string[] {
  const entries = Object.keys(exports).filter((entry) => entry !== "./testing" && !entry.endsWith(".json"));
  return entries.map((entry) => join(name, entry));
}

/** Prints the names that each specifier exports, by `import` and by `require()`. */
const LOAD_SCRIPT = `
  const listNames = (module) => Object.keys(module).filter((name) => name !== "module.exports").toSorted();
  Promise.all(process.argv.slice(2).map(async (specifier) => {
    const imported = await import(specifier);
    console.log(JSON.stringify([specifier, listNames(imported), listNames(require(specifier))]));
  }));
`;

/** Defines the tests that load a package, on every version of Node.js on which it is tested. */
export function describeRuntime(project: Project, manifest: Manifest): void {
  test.for(listTestedNodeVersions(manifest))("loads by import and by require() on Node.js %s", async (version) => {
    const script = project.write("load.cjs", LOAD_SCRIPT);
    const specifiers = listRuntimeSpecifiers(manifest);
    const output = await runSuccessfully(await installNode(version), [script, ...specifiers], { cwd: project.folder });
    const loaded = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as [specifier: string, imported: string[], required: string[]]);
    expect(loaded.map(([specifier]) => specifier).toSorted()).toEqual(specifiers.toSorted());
    for (const [, imported, required] of loaded) {
      expect(imported).not.toEqual([]);
      expect(required).toEqual(imported);
    }
  });
}

/** Defines the tests of the domain in CommonJS, with the program `uses/domain.cjs`. */
export function describeCommonJs(project: Project, domain: Manifest): void {
  test.for(listTestedNodeVersions(domain))("works in CommonJS on Node.js %s", async (version) => {
    const script = project.write("domain.cjs", readFileSync(join(import.meta.dirname, "uses/domain.cjs"), "utf8"));
    const output = await runSuccessfully(await installNode(version), [script], { cwd: project.folder });
    expect(output).toBe('{"version":2,"code":"invalid-user","pointers":["#/email"]}\ntrue\n');
  });
}
