import { execFileSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { problemTypes } from "@user-management/rest-adapter";
import openapi from "@user-management/rest-adapter/openapi.json" with { type: "json" };
import { createClient } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { readSettings } from "./settings.ts";
import { startProcess, temporaryFolder } from "./testing/start-process.ts";

const root = join(import.meta.dirname, "../../..");
const documents = globSync("{*.md,docs/*.md,packages/*/README.md}", { cwd: root });

function read(document: string): string {
  return readFileSync(join(root, document), "utf8");
}

/** A document without its blocks of code. */
function proseOf(document: string): string {
  return read(document).replaceAll(/^```.*?^```/gms, "");
}

/** The blocks of commands in a document. */
function commandsIn(document: string): string[] {
  return [...read(document).matchAll(/^```bash\n(.*?)^```/gms)].map(([, block]) => block!);
}

/** The rows of the table in the README whose first column has this name, below its two first lines, as cells. */
function rowsOf(column: string): string[][] {
  const [table] = new RegExp(`^\\| ${column} .*?(?=\\n\\n)`, "ms").exec(read("README.md"))!;
  const rows = table.split("\n").map((row) => row.split("|").map((cell) => cell.trim()));
  return rows.slice(2).map((cells) => cells.slice(1, -1));
}

/** What stands between backticks. */
function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}

test("the curl lines of the README do what they say", async () => {
  const { url } = await startProcess();
  const [block] = commandsIn("README.md").filter((commands) => commands.includes("curl -X POST"));
  const [sent] = /\{\n.*?\}/s.exec(block!)!;
  const answers: [comment: string, status: number, body: unknown][] = [];
  let user_id = "";
  for (const step of block!.trim().split("\n\n")) {
    const [comment, ...commands] = step.split(/\n(?=curl )/);
    for (const command of commands) {
      const line = command.replace("http://127.0.0.1:5000", url).replace("{user_id}", user_id);
      const said = execFileSync("bash", ["-c", `${line} -s -w '\n%{http_code}'`], { encoding: "utf8" });
      const [text, status] = said.split("\n");
      const body = JSON.parse(text!) as { user_id?: string };
      answers.push([comment!, Number(status), body]);
      user_id ||= body.user_id!;
    }
  }
  expect(answers).toEqual([
    ['# Create a user: 201 {"message":"User created","user_id":"…"}', 201, { message: "User created", user_id }],
    ["# Read it: 200 with its fields", 200, { user_id, ...JSON.parse(sent) }],
    ['# Change what is sent and nothing else: 200 {"message":"User updated"}', 200, { message: "User updated" }],
    ['# Delete it: 200 {"message":"User deleted"}', 200, { message: "User deleted" }],
    ["# Find by email, in any case; list page by page", 200, { users: [], next_cursor: null }],
    ["# Find by email, in any case; list page by page", 200, { users: [], next_cursor: null }],
  ]);
});

test("the README and the description have the same examples", () => {
  const bodies = [...read("README.md").matchAll(/-d '(\{.*?\})'/gs)].map(([, body]) => JSON.parse(body!));
  const { "/users": users, "/users/{user_id}": user } = openapi.paths;
  expect(bodies).toEqual([
    users.post.requestBody.content["application/json"].example,
    user.put.requestBody.content["application/json"].example,
  ]);
});

test("the backup that the operations tell of holds what was stored, and is restored as they say", async () => {
  const folder = temporaryFolder();
  const settings = { SQLITE_PATH: join(folder, "data/users.db") };
  const first = await startProcess(settings);
  const before = createClient((path, init) => fetch(first.url + path, init));
  const id = await before.create();
  const [backup] = commandsIn("docs/operations.md").filter((commands) => commands.includes("VACUUM INTO"));
  // By this Node.js, whichever comes first otherwise.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}` };
  execFileSync("bash", ["-c", backup!], { cwd: folder, env });
  const later = await before.create();
  first.child.kill("SIGKILL");
  await first.ended;

  const [toRestore] = /^To restore, .*?\n\n/ms.exec(read("docs/operations.md"))!;
  for (const file of codeIn(toRestore)) rmSync(join(folder, "data", file));
  expect(readdirSync(join(folder, "data"))).toEqual([]);
  renameSync(join(folder, "users-backup.db"), settings.SQLITE_PATH);
  const second = await startProcess(settings);
  const after = createClient((path, init) => fetch(second.url + path, init));
  await after.read(id);
  expect((await after.ask(`/users/${later}`)).status).toBe(404);
});

test("the line of the log that the operations show has the keys of a real one", async () => {
  const { url, log } = await startProcess();
  const { ask, create } = createClient((path, init) => fetch(url + path, init));
  await ask(`/users/${await create()}`);
  const [, shown] = /^```json\n(.*?)^```/ms.exec(read("docs/operations.md"))!;
  const { level, method, route, status, msg, ...rest } = JSON.parse(shown!) as Record<string, unknown>;
  await expect.poll(() => log).toContainEqual(expect.objectContaining({ level, method, route, status, msg }));
  const line = log.find((other) => other["method"] === method && other["route"] === route)!;
  expect(Object.keys(JSON.parse(shown!) as object)).toEqual(Object.keys(line));
  for (const [name, value] of Object.entries(rest)) expect(typeof line[name], name).toBe(typeof value);
});

test.each(documents)("the links of %s lead somewhere", (document) => {
  for (const [, link] of proseOf(document).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
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
  const named = documents.flatMap((document) => [...read(document).matchAll(/npx pnpm\s+([a-z:]+)/g)]);
  expect(named.length).toBeGreaterThan(20);
  for (const [command, name] of named) {
    expect(Object.hasOwn(scripts, name!) || existsSync(join(root, "node_modules/.bin", name!)), command).toBe(true);
  }
});

test("the files and folders that a document names in code are there, or are built", () => {
  const code = documents.flatMap((document) => [...codeIn(proseOf(document)), ...commandsIn(document)]);
  const paths = code.flatMap((text) => text.match(/(?<![\w./-])(?:apps|packages|docs)\/[\w./-]*\w/g) ?? []);
  expect(paths).toContain("apps/http/src/main.ts");
  expect(paths).toContain("apps/http/dist/main.js");
  for (const path of paths) {
    const [, folder] = /^(\w+\/[\w-]+)\/dist\//.exec(path) ?? [];
    if (folder !== undefined) expect(JSON.parse(read(`${folder}/package.json`)), path).toHaveProperty("scripts.build");
    // The reader writes this one.
    else expect(existsSync(join(root, path)) || path === "apps/lambda/cdk.json", path).toBe(true);
  }
});

test("the files that are named to who changes something are there", () => {
  const sources = globSync("{apps,packages}/*/{src,openapi,infra}/**/*.ts", { cwd: root });
  const names = new Set([...sources.map((path) => basename(path)), ...readdirSync(root)]);
  const named = codeIn(proseOf("CONTRIBUTING.md")).filter((code) => /^[\w.-]+\.(?:ts|json|yaml)$/.test(code));
  expect(named).toContain("user-fields.ts");
  expect(named.filter((name) => !names.has(name))).toEqual([]);
});

test("the README has every type of problem, with its status, and no other", () => {
  const rows = rowsOf("type").flatMap(([types, statuses]) => {
    const each = statuses!.split(", ").map(Number);
    return codeIn(types!).map((type, n) => `${type} ${each[n] ?? each[0]}`);
  });
  const known = Object.entries(problemTypes).map(([type, { status }]) => `${type} ${status}`);
  expect(rows.toSorted()).toEqual(known.toSorted());
});

test("the README has the defaults of the settings", () => {
  const told = rowsOf("variable").flatMap(([names, defaults]) => {
    const values = codeIn(defaults!);
    return codeIn(names!).map((name, n) => [name, values[n]] as const);
  });
  const { HOST, PORT, USERS_STORE, USERS_TABLE, LOG_LEVEL, SQLITE_PATH } = readSettings({});
  expect(Object.fromEntries(told)).toMatchObject({ HOST, PORT: String(PORT), USERS_STORE, USERS_TABLE, LOG_LEVEL });
  expect(SQLITE_PATH).toBe(join(root, Object.fromEntries(told)["SQLITE_PATH"]!));
});

test("the README's rules of the fields are those of the description", () => {
  const { properties, required } = openapi.components.schemas.NewUser;
  const rows = rowsOf("field").map(([field, isRequired, rule]) => ({
    field: codeIn(field!)[0]!,
    isRequired,
    rule: rule!,
  }));
  expect(rows.map(({ field }) => field)).toEqual(Object.keys(properties));
  expect(rows.filter(({ isRequired }) => isRequired === "yes").map(({ field }) => field)).toEqual(required);
  const rules = Object.fromEntries(rows.map(({ field, rule }) => [field, rule])) as Record<
    keyof typeof properties,
    string
  >;

  const { lastname, firstname, dob, address, gender, phone_number } = properties;
  expect(rules.lastname).toContain(`${lastname.minLength}–${lastname.maxLength} characters`);
  expect(rules.address).toContain(`${address.minLength}–${address.maxLength} characters`);
  expect(rules.firstname).toContain("as `lastname`");
  expect({ ...firstname, description: "" }).toEqual({ ...lastname, description: "" });
  const [, earliest] = /not be before (\S+);/.exec(dob.description)!;
  expect(rules.dob).toContain(`from ${earliest} to today (UTC)`);
  expect(codeIn(rules.gender)).toEqual(gender.enum);
  const [, fewest, most] = /(\d+) to (\d+) digits/.exec(phone_number.description)!;
  expect(rules.phone_number).toContain(`${fewest}–${most} digits`);
});
