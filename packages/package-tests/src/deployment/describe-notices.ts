import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY_ROOT } from "../documents/read-document.ts";

const BUNDLES = ["apps/http/dist/main.js", "apps/cli/dist/userctl.js"];

const COPYLEFT = /\b(?:A?GPL|LGPL|MPL|EPL|CDDL|EUPL|OSL|SSPL)\b/;

/** Returns the folders of the packages in a bundle, according to its source map, which is independent of the notices. */
function listPackages(bundle: string): string[] {
  const map = join(REPOSITORY_ROOT, `${bundle}.map`);
  const { sources } = JSON.parse(readFileSync(map, "utf8")) as { sources: string[] };
  // Packages may have source maps of their own, whose paths do not exist: only the folder of pnpm is reliable.
  const folders = sources.flatMap((source) => {
    const [, store, name] = /^(.*\/\.pnpm\/(@?[^@/]+)@[^/]+)\//.exec(source) ?? [];
    return store === undefined ? [] : [join(dirname(map), store, "node_modules", name!.replace("+", "/"))];
  });
  return [...new Set(folders)];
}

/** Tests the notices beside the built programs. */
export function describeNotices(): void {
  test.each(BUNDLES)("the notices of %s contain the name and the license of every package in it", (bundle) => {
    const notices = readFileSync(join(REPOSITORY_ROOT, `${bundle}.LICENSES.txt`), "utf8");
    const folders = listPackages(bundle);
    expect(folders.length).toBeGreaterThan(20);
    for (const folder of folders) {
      const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
        string,
        string
      >;
      expect(notices).toContain(`\n${name} ${version} (`);
      for (const file of readdirSync(folder).filter((path) => /^licen[cs]e/i.test(path))) {
        expect(notices, folder).toContain(readFileSync(join(folder, file), "utf8").trim());
      }
    }
    expect(notices).toContain("Apache License");
  });

  test("the notices of the server contain those of Swagger UI, which it embeds", () => {
    const notices = readFileSync(join(REPOSITORY_ROOT, "apps/http/dist/main.js.LICENSES.txt"), "utf8");
    const folder = join(REPOSITORY_ROOT, "apps/http/node_modules/swagger-ui-dist");
    for (const file of ["LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"]) {
      expect(notices).toContain(readFileSync(join(folder, file), "utf8").trim());
    }
    expect(notices).toMatch(/\nswagger-ui-dist [\d.]+ \(Apache-2\.0\)\n/);
  });

  test.each(BUNDLES)("no package in %s has a copyleft license", (bundle) => {
    for (const folder of listPackages(bundle)) {
      const { license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { license: string };
      expect(license, folder).not.toMatch(COPYLEFT);
    }
  });
}
