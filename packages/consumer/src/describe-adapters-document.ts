import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { examplesIn } from "./example.ts";
import type { Project } from "./project.ts";
import { run, runWell } from "./run.ts";

const document = readFileSync(join(import.meta.dirname, "../../../docs/adapters.md"), "utf8");

/** How many tests the contract has at least. */
const CONTRACT = 49;

/** How long the contract may take on a slow disk, in milliseconds: every write of the adapter is flushed. */
const PATIENCE = 180_000;

/** What vitest counts. */
interface Result {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly success: boolean;
}

/** Runs `docs/adapters.md` as a project of somebody else's would: its adapter, and the contract on it. */
export function describeAdaptersDocument(project: Project): void {
  const [adapter = "", contract = ""] = examplesIn(document);

  test("has an adapter on which all of the contract passes", { timeout: PATIENCE }, async () => {
    const result = await contractOn("whole", adapter);
    expect(result).toMatchObject({ success: true, numFailedTests: 0, numPassedTests: result.numTotalTests });
    expect(result.numTotalTests).toBeGreaterThanOrEqual(CONTRACT);
  });

  test.for([
    ["versions", "users.update as Write", "((id, change, { updated_at }) => users.update(id, change, { updated_at }))"],
    ["idempotency keys", "users.insert as Write", "((user) => users.insert(user))"],
    ["removal", "users.remove as Write", "async () => undefined"],
    ["results", "return result", "return undefined"],
  ])("has an adapter that fails the contract without %s", { timeout: PATIENCE }, async ([what, right, wrong]) => {
    expect(adapter).toContain(right);
    const result = await contractOn(
      what!.replaceAll(" ", "-"),
      adapter.replace(right!, wrong!),
      "-t",
      "^(?!.*ten thousand)",
    );
    expect(result.success).toBe(false);
    expect(result.numFailedTests).toBeGreaterThan(0);
    expect(result.numPassedTests).toBeGreaterThan(result.numFailedTests);
  });

  test("has an adapter that keeps users, also when a write did not reach its end", async () => {
    project.write("kept/journal-user-repository.ts", adapter);
    const script = project.write("kept/keep.ts", KEEP);
    expect(await runWell(process.execPath, [script], { cwd: project.folder })).toBe("2 Roe\nunavailable ENOENT\n");
  });

  /** Runs the document's test on an adapter. */
  async function contractOn(folder: string, code: string, ...options: string[]): Promise<Result> {
    project.write(`${folder}/journal-user-repository.ts`, code);
    project.write(`${folder}/journal-user-repository.test.ts`, contract);
    const vitest = join(project.folder, "node_modules/vitest/vitest.mjs");
    const file = join(project.folder, folder, "result.json");
    const args = [vitest, "run", "--root", folder, "--reporter=json", `--outputFile=${file}`, ...options];
    const { out, errors } = await run(process.execPath, args, { cwd: project.folder });
    if (!existsSync(file)) throw new Error(`vitest did not run: ${out}\n${errors}`);
    return JSON.parse(readFileSync(file, "utf8")) as Result;
  }
}

/** Stores and changes a user, has a write end half way, and reads the file again; then writes where none can be. */
const KEEP = `
import { appendFileSync } from "node:fs";
import { openJournalUserRepository } from "./journal-user-repository.ts";

const path = new URL("users.jsonl", import.meta.url).pathname;
const at = "2026-01-02T03:04:05.678Z";
const doe = { user_id: "1", lastname: "Doe", email: "doe@example.com", version: 1, created_at: at, updated_at: at };
const before = await openJournalUserRepository(path);
await before.insert(doe);
await before.update("1", { lastname: "Roe" }, { updated_at: at });
appendFileSync(path, '{"id":"2","user":{"user_id":"2"');

const after = await openJournalUserRepository(path);
await after.insert({ ...doe, user_id: "3", email: "poe@example.com" });
const { users } = await (await openJournalUserRepository(path)).list({ limit: 10 });
console.log(users.length, users[0]?.lastname);
const nowhere = await openJournalUserRepository(path + ".d/users.jsonl");
await nowhere.insert(doe).catch((error) => console.log(error.code, error.cause.code));
`;
