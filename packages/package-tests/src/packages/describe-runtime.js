import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installNode, listTestedNodeVersions } from "./node-versions.js";
import { runSuccessfully } from "./run.js";
/** Returns the specifiers that programs import. `./testing` is for vitest, which requires a newer Node.js. */
function listRuntimeSpecifiers({ name, exports }) {
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
export function describeRuntime(project, manifest) {
    test.for(listTestedNodeVersions(manifest))("loads by import and by require() on Node.js %s", async (version) => {
        const script = project.write("load.cjs", LOAD_SCRIPT);
        const specifiers = listRuntimeSpecifiers(manifest);
        const output = await runSuccessfully(await installNode(version), [script, ...specifiers], { cwd: project.folder });
        const loaded = output
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line));
        expect(loaded.map(([specifier]) => specifier).toSorted()).toEqual(specifiers.toSorted());
        for (const [, imported, required] of loaded) {
            expect(imported).not.toEqual([]);
            expect(required).toEqual(imported);
        }
    });
}
/** Defines the tests of the domain in CommonJS, with the program `uses/domain.cjs`. */
export function describeCommonJs(project, domain) {
    test.for(listTestedNodeVersions(domain))("works in CommonJS on Node.js %s", async (version) => {
        const script = project.write("domain.cjs", readFileSync(join(import.meta.dirname, "uses/domain.cjs"), "utf8"));
        const output = await runSuccessfully(await installNode(version), [script], { cwd: project.folder });
        expect(output).toBe('{"version":2,"code":"invalid-user","pointers":["#/email"]}\ntrue\n');
    });
}
//# sourceMappingURL=describe-runtime.js.map