import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { examplesIn } from "./example.ts";
import type { Project } from "./project.ts";
import { run } from "./run.ts";
import type { Tarball } from "./tarball.ts";

const uses = join(import.meta.dirname, "uses");
const adapters = readFileSync(join(import.meta.dirname, "../../../docs/adapters.md"), "utf8");

/** How long a compilation may take, in milliseconds. */
const PATIENCE = 120_000;

/** The two ways in which projects of today find modules. */
const resolutions = {
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

type Way = readonly [compiler: "TypeScript 7" | "TypeScript 5.9", resolution: keyof typeof resolutions];

/** The types of valibot name two classes of the DOM and of Node.js, for schemas of files: nothing here uses those. */
function isValibots(line: string): boolean {
  return /^node_modules\/\.pnpm\/valibot@.*: Cannot find name '(Blob|File)'\.$/.test(line);
}

/** Nothing but the language: neither Node.js nor the DOM. */
const pure = { lib: ["ES2022"], types: [] };
const onNode = { lib: ["ES2022"], types: ["node"] };

/**
 * Compiles the uses in this package's folder `uses` and the READMEs' examples in the project, with the packages' own
 * types checked too. A use that must not compile is marked there by `@ts-expect-error`.
 */
export function describeTypes(project: Project, tarballs: readonly Tarball[]): void {
  const files = readdirSync(uses).filter((name) => name.endsWith(".ts"));
  for (const name of files) project.write(`types/${name}`, readFileSync(join(uses, name), "utf8"));
  const documents = tarballs.map(({ manifest, read }) => [manifest.name, read("README.md")] as const);
  for (const [name, text] of [...documents, ["adapters", adapters] as const]) {
    project.write(`types/${name}/example.ts`, examplesIn(text)[0]!);
  }

  const compilers = { "TypeScript 7": import.meta.url, "TypeScript 5.9": join(project.folder, "package.json") };
  test.for<Way>([
    ["TypeScript 7", "nodenext"],
    ["TypeScript 7", "bundler"],
    ["TypeScript 5.9", "nodenext"],
  ])("%s with %s compiles right uses and refuses wrong ones", { timeout: PATIENCE }, async (way) => {
    expect(await compile(way, onNode, { include: ["types"] })).toBe("");
  });

  test.for<Way>([
    ["TypeScript 7", "nodenext"],
    ["TypeScript 7", "bundler"],
  ])("%s with %s needs neither Node.js nor the DOM for the domain", { timeout: PATIENCE }, async (way) => {
    expect(await compile(way, pure, { files: ["types/domain.ts"] })).toBe("");
  });

  /** What the compiler says. */
  async function compile([compiler, resolution]: Way, platform: object, what: object): Promise<string> {
    const typescript = createRequire(compilers[compiler]).resolve("typescript/package.json");
    const tsc = join(dirname(typescript), "bin/tsc");
    const modules = resolutions[resolution];
    const compilerOptions = {
      ...modules,
      ...platform,
      target: "ES2022",
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const name = `tsconfig.${[compiler, resolution, ...Object.keys(what)].join("-").replace(/\W+/g, "-")}.json`;
    const config = project.write(name, JSON.stringify({ compilerOptions, ...what }));
    const { out, errors } = await run(process.execPath, [tsc, "-p", config], { cwd: project.folder });
    const said = (out + errors).split("\n").filter((line) => line !== "" && !isValibots(line));
    return said.join("\n");
  }
}
