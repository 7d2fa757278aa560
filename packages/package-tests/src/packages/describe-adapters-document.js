import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ADAPTERS_DOCUMENT, extractExamples } from "./examples.js";
import { run, runSuccessfully } from "./run.js";
/** The minimum number of tests in the contract. */
const MIN_CONTRACT_TESTS = 60;
/** The timeout of a test that runs the contract on a slow disk: the adapter flushes every write. */
const CONTRACT_TIMEOUT_MS = 180_000;
/** Changes to the document's adapter, each of which violates a guarantee of the port. */
const MUTATIONS = [
    {
        guarantee: "preconditions",
        code: "users.update as Write",
        replacement: "((id, update, { updated_at }, context) => users.update(id, update, { updated_at }, context))",
    },
    {
        guarantee: "idempotency keys",
        code: "users.insert as Write",
        replacement: "((user, _, context) => users.insert(user, undefined, context))",
    },
    { guarantee: "deletion", code: "users.delete as Write", replacement: "async () => undefined" },
    { guarantee: "results", code: "return result", replacement: "return undefined" },
    {
        guarantee: "abort signals",
        code: "await writes[method](...parameters);",
        replacement: "await writes[method](...parameters.slice(0, -1), REPLAY);",
    },
];
/** Defines the tests that run the examples of `docs/adapters.md`, an adapter and its test, in a third-party project. */
export function describeAdaptersDocument(project) {
    const [adapter = "", contract = ""] = extractExamples(ADAPTERS_DOCUMENT);
    test("has an adapter that fulfills the contract", { timeout: CONTRACT_TIMEOUT_MS }, async () => {
        const report = await runContract("adapter", adapter);
        expect(report).toMatchObject({ success: true, numFailedTests: 0, numPassedTests: report.numTotalTests });
        expect(report.numTotalTests).toBeGreaterThanOrEqual(MIN_CONTRACT_TESTS);
    });
    test.for(MUTATIONS)("has a contract that fails for an adapter without $guarantee", { timeout: CONTRACT_TIMEOUT_MS }, async ({ guarantee, code, replacement }) => {
        expect(adapter).toContain(code);
        const mutant = adapter.replace(code, replacement);
        const report = await runContract(guarantee.replaceAll(" ", "-"), mutant, "-t", "^(?!.*10,000)");
        expect(report.success).toBe(false);
        expect(report.numFailedTests).toBeGreaterThan(0);
        expect(report.numPassedTests).toBeGreaterThan(report.numFailedTests);
    });
    test("has an adapter whose writes are durable, also after an incomplete write", async () => {
        project.write("durability/journal-user-repository.ts", adapter);
        const script = project.write("durability/reopen.ts", REOPEN_SCRIPT);
        const output = await runSuccessfully(process.execPath, [script], { cwd: project.folder });
        expect(output).toBe("unavailable AbortError\n2 Roe\nunavailable ENOENT\n");
    });
    /** Runs the document's test on an adapter in a folder of the project, and returns vitest's report. */
    async function runContract(folder, code, ...options) {
        project.write(`${folder}/journal-user-repository.ts`, code);
        project.write(`${folder}/journal-user-repository.test.ts`, contract);
        const vitest = join(project.folder, "node_modules/vitest/vitest.mjs");
        const file = join(project.folder, folder, "report.json");
        const args = [vitest, "run", "--root", folder, "--reporter=json", `--outputFile=${file}`, ...options];
        const { stdout, stderr } = await run(process.execPath, args, { cwd: project.folder });
        if (!existsSync(file))
            throw new Error(`vitest did not write a report: ${stdout}\n${stderr}`);
        return JSON.parse(readFileSync(file, "utf8"));
    }
}
/**
 * Stores and updates a user, calls `update` with an aborted signal, appends half a write, and reopens the file twice.
 * Then writes to a file whose folder does not exist.
 */
const REOPEN_SCRIPT = `
import { appendFileSync } from "node:fs";
import { openJournalUserRepository } from "./journal-user-repository.ts";

const path = new URL("users.jsonl", import.meta.url).pathname;
const at = "2026-01-02T03:04:05.678Z";
const doe = { user_id: "1", lastname: "Doe", email: "doe@example.com", version: 1, created_at: at, updated_at: at };
const context = { requestId: "1", signal: AbortSignal.timeout(10_000) };
const aborted = { requestId: "2", signal: AbortSignal.abort() };
const before = await openJournalUserRepository(path);
await before.insert(doe, undefined, context);
await before.update("1", { lastname: "Roe" }, { updated_at: at }, context);
await before.update("1", { lastname: "Poe" }, { updated_at: at }, aborted).catch((error) => {
  console.log(error.code, error.cause.name);
});
appendFileSync(path, '{"id":"2","user":{"user_id":"2"');

const after = await openJournalUserRepository(path);
await after.insert({ ...doe, user_id: "3", email: "poe@example.com" }, undefined, context);
const { users } = await (await openJournalUserRepository(path)).list({ limit: 10 }, context);
console.log(users.length, users[0]?.lastname);
const unwritable = await openJournalUserRepository(path + ".d/users.jsonl");
await unwritable.insert(doe, undefined, context).catch((error) => console.log(error.code, error.cause.code));
`;
//# sourceMappingURL=describe-adapters-document.js.map