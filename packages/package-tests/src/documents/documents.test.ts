import { execFileSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { startProcess, temporaryFolder } from "@user-management/http/testing";
import openapi from "@user-management/rest-adapter/openapi.json" with { type: "json" };
import { createTestClient } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { DOCUMENTS, extractCode, extractCommands, readDocument, readProse, REPOSITORY_ROOT } from "./read-document.ts";

test("the curl commands of the README return the documented responses", async () => {
  const { url } = await startProcess();
  const [block] = extractCommands("README.md").filter((commands) => commands.includes("curl -X POST"));
  const [example] = /\{\n.*?\}/s.exec(block!)!;
  const responses: [comment: string, status: number, body: unknown][] = [];
  let user_id = "";
  for (const step of block!.trim().split("\n\n")) {
    const [comment, ...commands] = step.split(/\n(?=curl )/);
    for (const command of commands) {
      const line = command.replace("http://127.0.0.1:5000", url).replace("{user_id}", user_id);
      const output = execFileSync("bash", ["-c", `${line} -s -w '\n%{http_code}'`], { encoding: "utf8" });
      const [text, status] = output.split("\n");
      const body = JSON.parse(text!) as { user_id?: string };
      responses.push([comment!, Number(status), body]);
      user_id ||= body.user_id!;
    }
  }
  expect(responses).toEqual([
    ['# Create a user: 201 {"message":"User created","user_id":"…"}', 201, { message: "User created", user_id }],
    ["# Get the user: 200 with its fields", 200, { user_id, ...JSON.parse(example) }],
    ['# Update the fields that are sent: 200 {"message":"User updated"}', 200, { message: "User updated" }],
    ['# Delete the user: 200 {"message":"User deleted"}', 200, { message: "User deleted" }],
    ["# Find by email, case-insensitively; list page by page", 200, { users: [], next_cursor: null }],
    ["# Find by email, case-insensitively; list page by page", 200, { users: [], next_cursor: null }],
  ]);
});

test("the README and the OpenAPI document have the same examples", () => {
  const bodies = [...readDocument("README.md").matchAll(/-d '(\{.*?\})'/gs)].map(([, body]) => JSON.parse(body!));
  const { "/users": users, "/users/{user_id}": user } = openapi.paths;
  expect(bodies).toEqual([
    users.post.requestBody.content["application/json"].example,
    user.put.requestBody.content["application/json"].example,
  ]);
});

test("the documented backup contains the stored users, and the documented restore serves them", async () => {
  const folder = temporaryFolder();
  const settings = { SQLITE_PATH: join(folder, "data/users.db") };
  const original = await startProcess(settings);
  const originalClient = createTestClient((path, init) => fetch(original.url + path, init));
  const id = await originalClient.createUser();
  const [backup] = extractCommands("docs/operations.md").filter((commands) => commands.includes("VACUUM INTO"));
  // The Node.js that runs the tests is first in the search path.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}` };
  execFileSync("bash", ["-c", backup!], { cwd: folder, env });
  const laterId = await originalClient.createUser();
  original.child.kill("SIGKILL");
  await original.ended;

  const [restore] = /^To restore, .*?\n\n/ms.exec(readDocument("docs/operations.md"))!;
  for (const file of extractCode(restore)) rmSync(join(folder, "data", file));
  expect(readdirSync(join(folder, "data"))).toEqual([]);
  renameSync(join(folder, "users-backup.db"), settings.SQLITE_PATH);
  const restored = await startProcess(settings);
  const restoredClient = createTestClient((path, init) => fetch(restored.url + path, init));
  await restoredClient.getUser(id);
  expect((await restoredClient.request(`/users/${laterId}`)).status).toBe(404);
});

test("the documented log record has the members of a real one", async () => {
  const { url, log } = await startProcess();
  const { request, createUser } = createTestClient((path, init) => fetch(url + path, init));
  await request(`/users/${await createUser()}`);
  const [, documented] = /^```json\n(.*?)^```/ms.exec(readDocument("docs/operations.md"))!;
  const { level, method, route, status, msg, ...others } = JSON.parse(documented!) as Record<string, unknown>;
  await expect.poll(() => log).toContainEqual(expect.objectContaining({ level, method, route, status, msg }));
  const record = log.find((candidate) => candidate["method"] === method && candidate["route"] === route)!;
  expect(Object.keys(JSON.parse(documented!) as object)).toEqual(Object.keys(record));
  for (const [name, value] of Object.entries(others)) expect(typeof record[name], name).toBe(typeof value);
});

test.each(DOCUMENTS)("the relative links of %s have a target", (document) => {
  for (const [, link] of readProse(document).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
    const [path, anchor] = link!.split("#");
    const target = join(REPOSITORY_ROOT, path === "" ? document : join(dirname(document), path!));
    expect(existsSync(target), link).toBe(true);
    if (anchor !== undefined) expect(extractAnchors(readFileSync(target, "utf8")), link).toContain(anchor);
  }
});

/** Returns the anchors that GitHub gives to headings. */
function extractAnchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}

test("every pnpm command in a document exists", () => {
  const { scripts } = JSON.parse(readDocument("package.json")) as { scripts: Record<string, string> };
  const commands = DOCUMENTS.flatMap((document) => [...readDocument(document).matchAll(/npx pnpm\s+([a-z:]+)/g)]);
  expect(commands.length).toBeGreaterThan(20);
  for (const [command, name] of commands) {
    const isProgram = existsSync(join(REPOSITORY_ROOT, "node_modules/.bin", name!));
    expect(Object.hasOwn(scripts, name!) || isProgram, command).toBe(true);
  }
});

test("every file and folder in the code of a document exists or is built", () => {
  const code = DOCUMENTS.flatMap((document) => [...extractCode(readProse(document)), ...extractCommands(document)]);
  const paths = code.flatMap((text) => text.match(/(?<![\w./-])(?:apps|packages|docs)\/[\w./-]*\w/g) ?? []);
  expect(paths).toContain("apps/http/src/main.ts");
  expect(paths).toContain("apps/http/dist/main.js");
  for (const path of paths) {
    const [, folder] = /^(\w+\/[\w-]+)\/dist(?:\/|$)/.exec(path) ?? [];
    if (folder !== undefined) {
      expect(JSON.parse(readDocument(`${folder}/package.json`)), path).toHaveProperty("scripts.build");
    } else {
      // The reader creates cdk.json.
      expect(existsSync(join(REPOSITORY_ROOT, path)) || path === "apps/lambda/cdk.json", path).toBe(true);
    }
  }
});

test("every source file in CONTRIBUTING.md exists", () => {
  const sources = globSync("{apps,packages}/*/{src,openapi,infra}/**/*.ts", { cwd: REPOSITORY_ROOT });
  const names = new Set([...sources.map((path) => basename(path)), ...readdirSync(REPOSITORY_ROOT)]);
  const files = extractCode(readProse("CONTRIBUTING.md")).filter((code) => /^[\w.-]+\.(?:ts|json|yaml)$/.test(code));
  expect(files).toContain("user-fields.ts");
  expect(files.filter((name) => !names.has(name))).toEqual([]);
});
