import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ADAPTERS_DOCUMENT, extractExamples } from "./examples.js";
import { run } from "./run.js";
const USES_FOLDER = join(import.meta.dirname, "uses");
/** The timeout of a test with a compilation. */
const COMPILE_TIMEOUT_MS = 120_000;
/** The compilers, each with the ways in which it resolves modules. */
const COMPILERS = [
    { compiler: "TypeScript 7", module: "nodenext", moduleResolution: "nodenext" },
    { compiler: "TypeScript 7", module: "esnext", moduleResolution: "bundler" },
    { compiler: "TypeScript 5.9", module: "nodenext", moduleResolution: "nodenext" },
];
const DOM_LIB = ["ES2022", "DOM", "DOM.Iterable"];
const DOM_FILES = ["abort-signal", "client", "domain", "rest-adapter"].map((name) => `types/${name}.ts`);
/** The platforms whose types a project may include, and the files that compile with them. */
const PLATFORMS = [
    { platform: "Node.js types", lib: ["ES2022"], types: ["node"], include: ["types"] },
    { platform: "Node.js and DOM types", lib: DOM_LIB, types: ["node"], include: ["types"] },
    { platform: "DOM types", lib: DOM_LIB, types: [], include: DOM_FILES },
    { platform: "no platform types", lib: ["ES2022"], types: [], include: ["types/domain.ts"] },
];
const BASE_OPTIONS = { target: "ES2022", strict: true, skipLibCheck: false, noEmit: true };
/** The types of valibot refer to two classes of the DOM and of Node.js, in schemas that these packages do not use. */
const VALIBOT_ERROR = /^node_modules\/\.pnpm\/valibot@.*: Cannot find name '(Blob|File)'\.$/;
/**
 * Defines the tests that compile the folder `uses` and the documents' examples in the project. The declarations of the
 * packages are checked too (`skipLibCheck` is off). `@ts-expect-error` marks the uses that must not compile.
 */
export function describeTypes(project, tarballs) {
    const files = readdirSync(USES_FOLDER).filter((name) => name.endsWith(".ts"));
    for (const name of files)
        project.write(`types/${name}`, readFileSync(join(USES_FOLDER, name), "utf8"));
    for (const { manifest, read } of tarballs) {
        project.write(`types/${manifest.name}/example.ts`, extractExamples(read("README.md"))[0]);
    }
    project.write("types/adapters-document/example.ts", extractExamples(ADAPTERS_DOCUMENT)[0]);
    const cases = PLATFORMS.flatMap((platform) => COMPILERS.map((compiler) => ({ ...platform, ...compiler })));
    test.for(cases)("compile with $compiler, $moduleResolution resolution and $platform", { timeout: COMPILE_TIMEOUT_MS }, async ({ compiler, platform, include, ...options }) => {
        const config = { compilerOptions: { ...BASE_OPTIONS, ...options }, include };
        const name = `tsconfig.${[compiler, options.moduleResolution, platform].join("-").replaceAll(/\W+/g, "-")}.json`;
        expect(await compile(compiler, project.write(name, JSON.stringify(config)))).toEqual([]);
    });
    /** Compiles with a configuration file and returns the lines of the compiler's output. */
    async function compile(compiler, config) {
        // The workspace has TypeScript 7, and the project the version before it.
        const importer = compiler === "TypeScript 7" ? import.meta.url : join(project.folder, "package.json");
        const tsc = join(dirname(createRequire(importer).resolve("typescript/package.json")), "bin/tsc");
        const { stdout, stderr } = await run(process.execPath, [tsc, "-p", config], { cwd: project.folder });
        return (stdout + stderr).split("\n").filter((line) => line !== "" && !VALIBOT_ERROR.test(line));
    }
}
//# sourceMappingURL=describe-types.js.map