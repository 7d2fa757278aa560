import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { buildProgram, LicenseError } from "./index.ts";

/** The files of a package that exports a function, without a license file. */
function createPackage(name: string, license: string, files: Record<string, string> = {}): Record<string, string> {
  const manifest = { name, version: "1.2.3", license, type: "module", exports: "./index.js", sideEffects: false };
  const folder = `node_modules/${name}`;
  return {
    [`${folder}/package.json`]: JSON.stringify({ ...manifest, repository: { url: `https://example.com/${license}` } }),
    [`${folder}/index.js`]: `export function use() { console.log("${name}"); }`,
    ...Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text])),
  };
}

/** Bundles a program that uses these packages, and returns its notices. */
async function build(packages: Record<string, string>, embeddedFiles: string[] = [], code?: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "notices-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const names = Object.keys(packages).flatMap((path) => /^node_modules\/(.*)\/package\.json$/.exec(path)?.[1] ?? []);
  const imports = names.map((name, index) => `import { use as use${index} } from "${name}"; use${index}();`);
  for (const [path, text] of Object.entries({ ...packages, "main.js": code ?? imports.join("\n") })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const outfile = join(folder, "dist/program.js");
  const embedded = embeddedFiles.map((path) => join(folder, path));
  try {
    await buildProgram({ entryPoint: join(folder, "main.js"), outfile, embeddedFiles: embedded });
  } catch (error) {
    expect(existsSync(outfile)).toBe(false);
    throw error;
  }
  return readFileSync(`${outfile}.LICENSES.txt`, "utf8");
}

const one = createPackage("@scope/one", "MIT", { LICENSE: "Text of MIT", NOTICE: "Notice of one" });
const two = createPackage("two", "(MIT OR GPL-3.0-only)", { "license.md": "Text of MIT" });

test("a text is listed once, with the packages that it applies to", async () => {
  const notices = await build({ ...one, ...two });
  expect(notices).toContain("\n@scope/one 1.2.3 (MIT)\ntwo 1.2.3 ((MIT OR GPL-3.0-only))\n\nText of MIT\n");
  expect(notices).toContain("\n@scope/one 1.2.3 (MIT)\n\nNotice of one\n");
});

test("a package without code in the program is not listed", async () => {
  const unused = createPackage("unused", "GPL-3.0-only");
  const code = 'import { use } from "two"; import { use as unused } from "unused"; use();';
  expect(await build({ ...two, ...unused }, [], code)).not.toContain("unused");
});

test("a package of a repository with several packages has the license file of another one", async () => {
  const sibling = createPackage("sibling", "MIT");
  expect(await build({ ...one, ...sibling })).toContain("@scope/one 1.2.3 (MIT)\nsibling 1.2.3 (MIT)\n\nText of MIT");
});

test("an embedded file is listed with its package and the licenses beside it", async () => {
  const page = createPackage("page", "MIT", { LICENSE: "MIT", "page.js": "", "page.js.LICENSE.txt": "Text of a part" });
  const notices = await build({ ...page, ...two }, ["node_modules/page/page.js"], 'import { use } from "two"; use();');
  expect(notices).toContain("page 1.2.3 (MIT)\n\nMIT\n");
  expect(notices).toContain("page 1.2.3 (MIT)\n\nText of a part\n");
});

test.for([
  [
    "without a license file",
    createPackage("bad", "ISC"),
    "bad 1.2.3 (ISC) must not be bundled: it has no license file",
  ],
  [
    "with a copyleft license",
    createPackage("bad", "GPL-3.0-only", { LICENSE: "text" }),
    "bad 1.2.3 (GPL-3.0-only) must not be bundled: its license is not allowed",
  ],
  [
    "with a copyleft license besides another one",
    createPackage("bad", "MIT AND GPL-3.0-only", { LICENSE: "text" }),
    "bad 1.2.3 (MIT AND GPL-3.0-only) must not be bundled: its license is not allowed",
  ],
] as const)("a package %s fails the build, which writes no program", async ([, files, message]) => {
  await expect(build({ ...one, ...files })).rejects.toThrow(new LicenseError(message));
});
