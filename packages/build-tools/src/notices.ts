import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Metafile } from "esbuild";

/** The SPDX identifiers of licenses that allow distribution with a program of any license. */
export const ALLOWED_LICENSES: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
]);

/** The reason why a package cannot be distributed with a program. */
export class LicenseError extends Error {
  override readonly name = "LicenseError";
}

export interface NoticesOptions {
  /** The metafiles that esbuild wrote for the bundles. */
  readonly metafiles: readonly Metafile[];
  /** The folder to which the paths of the metafiles are relative: `absWorkingDir`. */
  readonly folder: string;
  /** The absolute paths of other files that are distributed, such as the files of a page. */
  readonly embeddedFiles?: readonly string[] | undefined;
}

interface ThirdPartyPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly repository: string | undefined;
  readonly licenseText: string | undefined;
  /** Other texts that its license requires to be distributed. */
  readonly notices: readonly string[];
}

/**
 * Returns the license texts of the packages whose code is in the bundles. A package from a repository of several
 * packages may have no license file: then it is that of another package in the bundles from this repository.
 *
 * @throws LicenseError if a package has another license than the allowed ones, or no license file
 */
export function createNotices({ metafiles, folder, embeddedFiles = [] }: NoticesOptions): string {
  const bundledFiles = metafiles.flatMap((metafile) => listBundledFiles(metafile, folder));
  const folders = new Set([...bundledFiles, ...embeddedFiles].flatMap((file) => findPackageFolder(file) ?? []));
  const packages = [...folders].map((path) => readPackage(path, embeddedFiles));
  const namesByText = new Map<string, string[]>();
  for (const thirdParty of packages.toSorted((a, b) => (describePackage(a) < describePackage(b) ? -1 : 1))) {
    const title = describePackage(thirdParty);
    if (!isAllowed(thirdParty.license))
      throw new LicenseError(`${title} must not be bundled: its license is not allowed`);
    const licenseText = thirdParty.licenseText ?? findRepositoryText(thirdParty, packages);
    if (licenseText === undefined) throw new LicenseError(`${title} must not be bundled: it has no license file`);
    for (const text of [licenseText, ...thirdParty.notices]) {
      namesByText.set(text, [...new Set([...(namesByText.get(text) ?? []), title])]);
    }
  }
  const sections = [...namesByText].map(([text, titles]) => `${titles.join("\n")}\n\n${text}\n`);
  return ["This program contains code of these packages.\n", ...sections].join(`\n${"-".repeat(80)}\n\n`);
}

/** Returns the absolute paths of the files of which at least a byte is in a bundle. */
function listBundledFiles({ outputs }: Metafile, folder: string): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [resolve(folder, path)] : [])),
  );
}

/** Returns the folder of the third-party package that contains a file. Files of the workspace are in none. */
function findPackageFolder(file: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(file)?.[0];
}

function readPackage(folder: string, embeddedFiles: readonly string[]): ThirdPartyPackage {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: string;
    repository?: string | { url: string };
  };
  const { name, version, license = "no license", repository } = manifest;
  const files = readdirSync(folder);
  const read = (pattern: RegExp) =>
    files.filter((file) => pattern.test(file)).map((file) => readFileSync(join(folder, file), "utf8").trim());
  // Bundlers write the licenses of the code in a file beside it.
  const embeddedNotices = embeddedFiles
    .filter((file) => findPackageFolder(file) === folder && existsSync(`${file}.LICENSE.txt`))
    .map((file) => readFileSync(`${file}.LICENSE.txt`, "utf8").trim());
  return {
    name,
    version,
    license,
    repository: typeof repository === "string" ? repository : repository?.url,
    licenseText: read(/^(?:licen[cs]e|copying)/i).join("\n\n") || undefined,
    notices: [...read(/^notice/i), ...embeddedNotices],
  };
}

function findRepositoryText(
  { repository, license }: ThirdPartyPackage,
  packages: readonly ThirdPartyPackage[],
): string | undefined {
  if (repository === undefined) return undefined;
  return packages.find((other) => other.repository === repository && other.license === license && other.licenseText)
    ?.licenseText;
}

/** Evaluates an SPDX expression without nested parentheses, such as `(MIT OR Apache-2.0)`. */
function isAllowed(expression: string): boolean {
  const alternatives = expression.replaceAll(/^\(|\)$/g, "").split(" OR ");
  return alternatives.some((alternative) => alternative.split(" AND ").every((name) => ALLOWED_LICENSES.has(name)));
}

function describePackage({ name, version, license }: ThirdPartyPackage): string {
  return `${name} ${version} (${license})`;
}
