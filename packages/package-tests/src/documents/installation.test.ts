import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { temporaryFolder } from "@user-management/http/testing";
import { expect, onTestFinished, test } from "vitest";
import { installNode } from "../packages/node-versions.ts";
import { run } from "../packages/run.ts";
import { extractCommands, REPOSITORY_ROOT } from "./read-document.ts";

/** Copies the files of the repository, as a clone has them. */
function copyRepository(): string {
  const folder = temporaryFolder();
  const options = { cwd: REPOSITORY_ROOT, encoding: "utf8", maxBuffer: 2 ** 24 } as const;
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], options);
  for (const file of files.split("\0").filter(Boolean)) cpSync(join(REPOSITORY_ROOT, file), join(folder, file));
  return folder;
}

/** Returns the size of a folder in MB, each file once. */
function measureFolder(folder: string): number {
  return Number.parseInt(execFileSync("du", ["-sk", folder], { encoding: "utf8" }), 10) / 1_000;
}

test(
  "the documented installation of the server alone is small, and the server starts",
  { timeout: 60_000 },
  async () => {
    const [block] = extractCommands("README.md").filter((commands) => commands.includes("--prod"));
    const [install, start] = block!.trim().split("\n");
    const folder = copyRepository();
    execFileSync("bash", ["-c", install!], { cwd: folder, stdio: "ignore" });
    expect(measureFolder(join(folder, "node_modules"))).toBeLessThan(80);

    const PATH = `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`;
    const env = { PATH, PORT: "0", SQLITE_PATH: join(folder, "users.db") };
    const child = spawn("bash", ["-c", `exec ${start}`], { cwd: folder, env });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const [, url] = /listening on (\S+),/.exec(line)!;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    child.kill("SIGTERM");
    await once(child, "exit");
  },
);

test("the documented commands pack packages, and install them in another project", { timeout: 120_000 }, async () => {
  const [pack, install] = extractCommands("docs/packages.md");
  const parent = temporaryFolder();
  const [repository, project] = [join(parent, "user-management"), join(parent, "project")];
  for (const folder of [repository, project]) mkdirSync(folder);
  const options = { stdio: "ignore" } as const;
  execFileSync("bash", ["-c", pack!.replace("$PWD", repository)], { ...options, cwd: REPOSITORY_ROOT });
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  execFileSync("bash", ["-c", install!], { ...options, cwd: project });
  writeFileSync(
    join(project, "main.js"),
    `import { ANONYMOUS_CALLER } from "@user-management/domain";
     import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
     const users = createSqliteUserRepository({ database: openUsersDatabase("users.db") });
     const context = { requestId: "1", caller: ANONYMOUS_CALLER, signal: AbortSignal.timeout(5_000) };
     console.log(await users.get("unknown", context));`,
  );
  expect(await run(process.execPath, ["main.js"], { cwd: project })).toMatchObject({ stdout: "undefined\n" });
});

test.for(["20.19.0", "22.12.0"])(
  "on Node.js %s a program ends with one line that names the required one",
  { timeout: 60_000 },
  async (version) => {
    const node = await installNode(version);
    for (const app of ["http", "cli"]) {
      execFileSync(process.execPath, [join(REPOSITORY_ROOT, "apps", app, "build.ts")]);
    }
    for (const program of ["apps/http/start.js", "apps/http/dist/main.js", "apps/cli/dist/userctl.js"]) {
      expect(await run(node, [program], { cwd: REPOSITORY_ROOT }), program).toEqual({
        exitCode: 1,
        stdout: "",
        stderr: `Node.js 24.15 or newer is required; this is ${version}.\n`,
      });
    }
  },
);
