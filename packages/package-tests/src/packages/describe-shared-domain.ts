import { cpSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Project } from "./project.ts";
import { runSuccessfully } from "./run.ts";
import { listRequiredPeers, type Tarball } from "./tarball.ts";

const DOMAIN = "@user-management/domain";

/** Defines the tests of projects that have one copy of the domain, and of those that have two. */
export function describeSharedDomain(project: Project, tarballs: readonly Tarball[]): void {
  const packages = tarballs.filter(({ manifest }) => listRequiredPeers(manifest).includes(DOMAIN));

  test("all adapters of a project share its copy of the domain", () => {
    const shared = resolveDomain(project.folder);
    const resolved = packages.map(({ manifest: { name } }) => [name, resolveDomain(findPackage(name))]);
    expect(resolved).toEqual([
      ["@user-management/dynamo-adapter", shared],
      ["@user-management/jwt-adapter", shared],
      ["@user-management/rest-adapter", shared],
      ["@user-management/sqlite-adapter", shared],
    ]);
  });

  test("an error that an adapter throws is an instance of the project's UserError", async () => {
    const script = project.write("shared-domain/one-copy.mjs", ONE_COPY_SCRIPT);
    expect(await runSuccessfully(process.execPath, [script], { cwd: dirname(script) })).toBe("not-found true\n");
  });

  test("isUserError recognizes an error of another copy, and so does the REST adapter", async () => {
    const folder = findPackage(DOMAIN);
    // Beside the installed copy, so that it resolves the same dependencies.
    cpSync(folder, `${folder}-copy`, { recursive: true });
    const script = project.write("shared-domain/two-copies.mjs", TWO_COPIES_SCRIPT);
    const options = { cwd: dirname(script), env: { DOMAIN_COPY: `${folder}-copy` } };
    expect(await runSuccessfully(process.execPath, [script], options)).toBe(
      "false true false\n404 urn:user-management:problem:not-found\n",
    );
  });

  /** Returns the folder of an installed package, with all symbolic links resolved. */
  function findPackage(name: string): string {
    return realpathSync(join(project.folder, "node_modules", name));
  }
}

/** Returns the path of the module that a package in this folder loads when it imports the domain. */
function resolveDomain(folder: string): string {
  return createRequire(join(folder, "package.json")).resolve(DOMAIN);
}

/** Prints the error of a repository, and whether it is an instance of the project's class. */
const ONE_COPY_SCRIPT = `
import { ANONYMOUS_CALLER, UserError } from "@user-management/domain";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";

const database = openUsersDatabase("users.db");
const context = { requestId: "1", caller: ANONYMOUS_CALLER, signal: AbortSignal.timeout(5_000) };
const users = createSqliteUserRepository({ database });
await users.delete("1", {}, context).catch((error) => console.log(error.code, error instanceof UserError));
database.close();
`;

/** Prints how the project's copy classifies errors of another copy, and the problem that the REST adapter maps one to. */
const TWO_COPIES_SCRIPT = `
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isUserError, UserError } from "@user-management/domain";
import { allowAnonymous, createApp } from "@user-management/rest-adapter";

const load = (path) => import(pathToFileURL(join(process.env.DOMAIN_COPY, path)));
const copy = await load("dist/index.js");
const error = new copy.UserError("not-found");
console.log(error instanceof UserError, isUserError(error), isUserError(new Error("not-found")));

const { createInMemoryUserRepository } = await load("dist/in-memory.js");
const users = copy.createUserService({
  users: createInMemoryUserRepository(),
  now: () => new Date(),
  generateId: randomUUID,
  digest: (text) => text,
});
const response = await createApp({ users, authenticate: allowAnonymous }).request("/users/1", { method: "DELETE" });
console.log(response.status, (await response.json()).type);
`;
