import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { problemTypes } from "@user-management/rest-adapter";
import { createClient } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { startProcess, temporaryFolder } from "./testing/start-process.ts";

const root = join(import.meta.dirname, "../../..");
const documents = globSync("{*.md,docs/*.md,packages/*/README.md}", { cwd: root });

function read(document: string): string {
  return readFileSync(join(root, document), "utf8");
}

/** The blocks of commands in a document. */
function commandsIn(document: string): string[] {
  return [...read(document).matchAll(/^```bash\n(.*?)^```/gms)].map(([, block]) => block!);
}

test("the curl lines of the README do what they say", async () => {
  const { url } = await startProcess();
  const [block] = commandsIn("README.md").filter((commands) => commands.includes("curl -X POST"));
  const steps = block!.trim().split("\n\n");
  expect(steps).toHaveLength(5);
  let id = "";
  for (const step of steps) {
    const [, status = "200", body = ""] = /^# [^:]*: (\d+) (\{[^…}]*)?/.exec(step) ?? [];
    for (const command of step.split(/^(?=curl )/m).slice(1)) {
      const line = command.replace("http://127.0.0.1:5000", url).replace("{user_id}", id);
      const answer = execFileSync("bash", ["-c", `${line.trim()} -s -w '\n%{http_code}'`], { encoding: "utf8" });
      expect(answer).toMatch(new RegExp(`\n${status}$`));
      expect(answer.slice(0, body.length)).toBe(body);
      id ||= /"user_id":"([^"]+)"/.exec(answer)![1]!;
    }
  }
});

test("the backup that the operations tell of holds what was stored, and can be put in the place of the file", async () => {
  const folder = temporaryFolder();
  const first = await startProcess({ SQLITE_PATH: join(folder, "data/users.db") });
  const id = await createClient((path, init) => fetch(first.url + path, init)).create();
  const [backup] = commandsIn("docs/operations.md").filter((commands) => commands.includes("VACUUM INTO"));
  execFileSync("bash", ["-c", backup!], { cwd: folder });
  const second = await startProcess({ SQLITE_PATH: join(folder, "users-backup.db") });
  await createClient((path, init) => fetch(second.url + path, init)).read(id);
});

test.each(documents)("the links of %s lead somewhere", (document) => {
  const prose = read(document).replaceAll(/^```.*?^```/gms, "");
  for (const [, link] of prose.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
    const [path, anchor] = link!.split("#");
    const target = path === "" ? join(root, document) : join(root, dirname(document), path!);
    expect(existsSync(target), link).toBe(true);
    if (anchor !== undefined) expect(anchorsIn(readFileSync(target, "utf8")), link).toContain(anchor);
  }
});

/** The names that GitHub gives to headings. */
function anchorsIn(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}

test("every command of pnpm that a document names is there", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const named = documents.flatMap((document) => [...read(document).matchAll(/npx pnpm ([a-z:]+)/g)]);
  expect(named.length).toBeGreaterThan(20);
  for (const [command, name] of named) {
    expect(Object.hasOwn(scripts, name!) || existsSync(join(root, "node_modules/.bin", name!)), command).toBe(true);
  }
});

test("the README has every type of problem, with its status", () => {
  const [, table] = read("README.md").split("| type ");
  const rows = table!.split("\n").flatMap((row) => {
    const [, types = "", statuses = ""] = row.split("|");
    const named = [...types.matchAll(/`([a-z-]+)`/g)].map(([, type]) => type!);
    return named.map((type, n) => [type, Number(statuses.split(",")[n] ?? statuses.split(",")[0])] as const);
  });
  const known = Object.entries(problemTypes).map(([type, { status }]) => [type, status]);
  expect(Object.fromEntries(rows.slice(0, known.length))).toEqual(Object.fromEntries(known));
});
