import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { EXAMPLE_FIELDS, type User } from "@user-management/domain";
import { buildUser, createContext } from "@user-management/domain/testing";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import { describe, expect, onTestFinished, test } from "vitest";
import { runCommand, startCommand } from "./testing/run-command.ts";

/** Values that formats and spreadsheet programs treat specially. */
const USERS = [
  { firstname: "\"quoted\", 'single'", address: "1; Main St\u2028Zürich\u2029CH", phone_number: "+41 79 123 45 67" },
  {
    lastname: "=SUM(A1)",
    external_id: "'=1+1",
    metadata: { tier: "", note: "line\r\nfeed\nand\rreturn", formula: "@x" },
  },
  { lastname: "-Doe", firstname: "+1", external_id: "''-x", metadata: { constructor: "\ttab", note: "😀" } },
  { status: "suspended" as const, user_id: 'any id, even "this"', version: 12, updated_at: "2026-03-04T05:06:07.008Z" },
  { lastname: "👩‍👩‍👧", external_id: " inner  spaces".trim(), metadata: { note: " outer " } },
].map((fields) => buildUser(fields));

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "userctl-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function withUsers<Result>(
  path: string,
  use: (users: ReturnType<typeof createSqliteUserRepository>) => Promise<Result>,
) {
  const database = openUsersDatabase(path);
  try {
    return await use(createSqliteUserRepository({ database }));
  } finally {
    database.close();
  }
}

function listUsers(path: string): Promise<User[]> {
  return withUsers(path, async (users) => (await users.list({ limit: 100_000 }, createContext())).users);
}

function buildRows(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => ({ ...EXAMPLE_FIELDS, email: `row.${index + 1}@example.com` }));
}

function formatRows(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/** Imports text, and returns the summary and the reports. */
async function importText(text: string, args: string[] = [], settings: { SQLITE_PATH?: string; name?: string } = {}) {
  const folder = createFolder();
  const file = join(folder, settings.name ?? "users.ndjson");
  const { SQLITE_PATH = join(folder, "users.db") } = settings;
  writeFileSync(file, text);
  const { code, lines, errors } = await runCommand(["import", file, ...args], { SQLITE_PATH });
  const reports = errors.split("\n").filter((line) => line.startsWith("{"));
  const summary = lines[0] === "" ? undefined : (JSON.parse(lines[0]!) as Record<string, number>);
  return { code, summary, reports: reports.map((line) => JSON.parse(line) as object), errors, file, SQLITE_PATH };
}

describe("export and import", () => {
  test.for([
    ["ndjson", "users.ndjson", []],
    ["csv", "users.csv", []],
    ["csv for a spreadsheet program", "users.csv", ["--spreadsheet"]],
  ] as const)("of %s change nothing", async ([, name, args]) => {
    const folder = createFolder();
    const SQLITE_PATH = join(folder, "users.db");
    await withUsers(SQLITE_PATH, async (users) => {
      for (const user of USERS) await users.insert(user, undefined, createContext());
    });
    const file = join(folder, name);
    const exported = await runCommand(["export", "--output", file, ...args], { SQLITE_PATH });
    expect(exported).toMatchObject({ code: 0, lines: [""] });
    const text = readFileSync(file);
    expect(JSON.parse(readFileSync(`${file}.manifest.json`, "utf8"))).toEqual({
      rows: USERS.length,
      sha256: createHash("sha256").update(text).digest("hex"),
      format: name.endsWith(".csv") ? "csv" : "ndjson",
      source: `sqlite:${SQLITE_PATH}`,
      time: expect.any(String),
    });
    const copy = join(folder, "copy.db");
    const imported = await runCommand(["import", file, "--store", `sqlite:${copy}`], {});
    expect(imported.code).toBe(0);
    expect(await listUsers(copy)).toEqual(await listUsers(SQLITE_PATH));
    expect(existsSync(`${file}.import-state.json`)).toBe(false);
    const again = await runCommand(
      ["export", "--format", name.split(".")[1]!, ...args, "--store", `sqlite:${copy}`],
      {},
    );
    // `runCommand` removes the byte order mark.
    expect(again.lines.join("\n")).toBe(text.toString().trimEnd().replace("\uFEFF", ""));
    expect(text.toString().startsWith("\uFEFF")).toBe(args.length > 0);
  });

  test("an export ends without an error if its reader stops", async () => {
    const folder = createFolder();
    const SQLITE_PATH = join(folder, "users.db");
    await withUsers(SQLITE_PATH, (users) =>
      Promise.all(Array.from({ length: 3_000 }, () => users.insert(buildUser(), undefined, createContext()))),
    );
    const child = startCommand(["export"], { SQLITE_PATH });
    const closed = once(child, "close");
    const errors = readText(child.stderr!);
    child.stdout!.once("data", () => child.stdout!.destroy());
    expect({ code: (await closed)[0] as number, errors: await errors }).toEqual({ code: 0, errors: "" });
  });

  test("of a spreadsheet escape every formula", async () => {
    const folder = createFolder();
    const SQLITE_PATH = join(folder, "users.db");
    await withUsers(SQLITE_PATH, (users) =>
      users.insert(buildUser({ lastname: "=1", phone_number: "+41791234567" }), undefined, createContext()),
    );
    const { lines } = await runCommand(["export", "--format", "csv", "--spreadsheet"], { SQLITE_PATH });
    expect(lines[0]).toMatch(/^user_id,lastname,/);
    expect(lines[1]).toContain(",'=1,");
    expect(lines[1]).toContain(",'+41791234567,");
  });
});

describe("CSV", () => {
  const header = "email,metadata.tier,lastname,dob,address,gender,phone_number";
  const row = 'a@example.com,gold,Doe,1990-01-01,"1, Main St",Male,+41791234567';

  test.for([
    ["line feeds", `${header}\n${row}\n`],
    ["CR LF, a byte order mark and no end of the last line", `\uFEFF${header}\r\n${row}`],
    ["empty rows", `${header}\r\n${row}\r\n,,,,,,\r\n\r\n`],
  ] as const)("with %s is imported", async ([, text]) => {
    const { code, SQLITE_PATH } = await importText(text, [], { name: "users.csv" });
    expect(code).toBe(0);
    expect(await listUsers(SQLITE_PATH)).toMatchObject([
      { address: "1, Main St", metadata: { tier: "gold" }, version: 1 },
    ]);
  });

  test.for([
    ["an unknown column", `${header},nickname\n${row},secret\n`, "column 8 (nickname) is unknown"],
    ["an invalid metadata column", `${header},metadata.\n${row},secret\n`, "column 8 (metadata.) is unknown"],
    ["a repeated column", `${header},email\n${row},secret\n`, "column 8 (email) is repeated"],
    ["no header", `${row}\n`, "column 1 is unknown"],
    ["no row and no header", "", "the file has no header"],
    ["a quote that does not end", `${header}\n${row}"secret\n`, "the file is not valid CSV near line 2"],
  ] as const)("with %s is rejected before the first row", async ([, text, message]) => {
    const { code, errors, SQLITE_PATH } = await importText(text, [], { name: "users.csv" });
    expect({ code, users: await listUsers(SQLITE_PATH) }).toEqual({ code: 2, users: [] });
    expect(errors).toContain(message);
    expect(errors).not.toContain("secret");
  });

  test("that is not UTF-8 is rejected", async () => {
    const folder = createFolder();
    const file = join(folder, "users.csv");
    writeFileSync(file, Buffer.from(`${header}\n${row.replace("Doe", "Müller")}\n`, "latin1"));
    const { code, errors } = await runCommand(["import", file], { SQLITE_PATH: join(folder, "users.db") });
    expect({ code, errors }).toEqual({ code: 2, errors: "the file is not UTF-8; nothing was imported\n" });
  });

  test("reports a row with another number of cells, and invalid metadata", async () => {
    const { code, reports } = await importText(`${header},metadata\n${row}\n${row},{secret\n`, [], {
      name: "users.csv",
    });
    expect(code).toBe(1);
    expect(reports).toMatchObject([
      { row: 1, code: "invalid-row", pointer: "#" },
      { row: 2, code: "invalid-json", pointer: "#/metadata" },
    ]);
  });
});

test("valid rows are imported, and each invalid one is reported without its values", async () => {
  const rows = buildRows(1_000).map((row, index) => (index % 100 === 7 ? { ...row, dob: "secret", version: 1 } : row));
  const { code, summary, reports, errors, SQLITE_PATH } = await importText(`${formatRows(rows)}{secret\n`);
  expect(code).toBe(1);
  const counts = { read: 1_001, created: 990, updated: 0, unchanged: 0, skipped: 0, failed: 11 };
  expect(summary).toEqual({ ...counts, seconds: expect.any(Number) });
  expect(reports).toHaveLength(11);
  expect(reports).toContainEqual({
    row: 8,
    id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
    code: "invalid-date",
    pointer: "#/dob",
    detail: "must be an existing date in the form YYYY-MM-DD",
  });
  expect(reports).toContainEqual({ row: 1_001, code: "invalid-json", pointer: "#", detail: expect.any(String) });
  expect(errors).not.toContain("secret");
  expect(await listUsers(SQLITE_PATH)).toHaveLength(990);
});

test("a row over 1 MiB and a row with a member name twice are reported, and the rows after them are imported", async () => {
  const [first, second] = buildRows(2);
  const large = JSON.stringify({ ...first, address: "secret".repeat(200_000) });
  const twice = JSON.stringify(first).replace("{", '{"email":"secret@example.com",');
  const { code, reports, errors, SQLITE_PATH } = await importText(`${large}\n${twice}\n${JSON.stringify(second)}\n`);
  expect(code).toBe(1);
  expect(reports).toEqual([
    { row: 1, code: "too-large", pointer: "#", detail: "must have at most 1 MiB" },
    { row: 2, code: "invalid-json", pointer: "#", detail: "must not contain a member name twice" },
  ]);
  expect(errors).not.toContain("secret");
  expect(await listUsers(SQLITE_PATH)).toMatchObject([{ email: second!["email"] }]);
});

test("standard input is imported", async () => {
  const folder = createFolder();
  const [file, SQLITE_PATH] = [join(folder, "users.csv"), join(folder, "users.db")];
  writeFileSync(file, formatRows(buildRows(3)));
  const input = openSync(file, "r");
  onTestFinished(() => closeSync(input));
  const child = startCommand(["import", "-"], { SQLITE_PATH }, undefined, input);
  expect((await once(child, "close"))[0]).toBe(0);
  expect(await listUsers(SQLITE_PATH)).toHaveLength(3);
});

test("--errors writes the reports to a file", async () => {
  const errorFile = join(createFolder(), "errors.ndjson");
  const { reports } = await importText(formatRows([{}]), ["--errors", errorFile]);
  expect(reports).toEqual([]);
  const lines = readFileSync(errorFile, "utf8").trim().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { pointer: string }).pointer)).toContain("#/email");
});

test("of two rows with one email the second is reported, and a second import creates no user", async () => {
  const [row] = buildRows(1);
  const text = formatRows([row, { ...row, email: "ROW.1@example.com" }]);
  const first = await importText(text);
  expect(first).toMatchObject({ code: 1, reports: [{ row: 2, code: "email-taken", pointer: "#/email" }] });
  const twice = await importText(text, [], { SQLITE_PATH: first.SQLITE_PATH });
  expect(twice.summary).toMatchObject({ created: 0, unchanged: 1, failed: 1 });
  expect(await listUsers(first.SQLITE_PATH)).toHaveLength(1);
});

test.for([
  ["fail", { failed: 1 }, "Doe", 1],
  ["skip", { skipped: 1 }, "Doe", 0],
  ["update", { updated: 1 }, "Roe", 0],
] as const)("--on-conflict %s applies to users with the email of a row", async ([action, counts, lastname, code]) => {
  const [row] = buildRows(1);
  const { SQLITE_PATH } = await importText(formatRows([row]));
  const args = ["--on-conflict", action, "--match", "email"];
  const dry = await importText(formatRows([{ ...row, lastname: "Roe" }]), [...args, "--dry-run"], { SQLITE_PATH });
  expect(dry).toMatchObject({ code, summary: counts });
  expect(await listUsers(SQLITE_PATH)).toMatchObject([{ lastname: "Doe", version: 1 }]);
  const second = await importText(formatRows([{ ...row, lastname: "Roe" }]), args, { SQLITE_PATH });
  expect(second).toMatchObject({ code, summary: counts });
  expect(await listUsers(SQLITE_PATH)).toMatchObject([{ lastname }]);
});

test("--dry-run creates no file", async () => {
  const { code, summary, SQLITE_PATH, file } = await importText(formatRows(buildRows(3)), ["--dry-run"]);
  expect({ code, summary }).toMatchObject({ code: 0, summary: { created: 3 } });
  expect([SQLITE_PATH, `${file}.import-state.json`].filter(existsSync)).toEqual([]);
});

/** Starts an import, and sends a signal once the store has this many users. */
async function interruptImport(file: string, SQLITE_PATH: string, userCount: number, signal: "SIGKILL" | "SIGINT") {
  await withUsers(SQLITE_PATH, async () => undefined);
  const database = openUsersDatabase(SQLITE_PATH);
  const count = database.prepare("SELECT count(*) AS users FROM users");
  const child = startCommand(["import", file, "--resume", "--concurrency", "20"], { SQLITE_PATH });
  const closed = once(child, "close");
  await expect
    .poll(() => Number(count.get()!["users"]), { interval: 1, timeout: 60_000 })
    .toBeGreaterThanOrEqual(userCount);
  child.kill(signal);
  const [code] = await closed;
  const users = Number(count.get()!["users"]);
  database.close();
  return { code: code as number | null, users };
}

describe("an import that ends early", { timeout: 120_000 }, () => {
  const COUNT = 6_000;

  test("by kill -9 at ten moments is completed by --resume without a second user", async () => {
    const folder = createFolder();
    const [file, SQLITE_PATH] = [join(folder, "users.ndjson"), join(folder, "users.db")];
    writeFileSync(file, formatRows(buildRows(COUNT)));
    let userCount = 0;
    for (let round = 0; round < 10; round += 1) {
      const target = userCount + 1 + Math.floor(Math.random() * 500);
      ({ users: userCount } = await interruptImport(file, SQLITE_PATH, target, "SIGKILL"));
      expect(userCount).toBeLessThan(COUNT);
    }
    const { code, lines } = await runCommand(["import", file, "--resume"], { SQLITE_PATH });
    const { created, failed } = JSON.parse(lines[0]!) as Record<string, number>;
    expect({ code, created, failed }).toEqual({ code: 0, created: COUNT - userCount, failed: 0 });
    expect(new Set((await listUsers(SQLITE_PATH)).map(({ email }) => email)).size).toBe(COUNT);
    expect(await listUsers(SQLITE_PATH)).toHaveLength(COUNT);
  });

  test("by SIGINT has written its state, with which another file is rejected", async () => {
    const folder = createFolder();
    const [file, SQLITE_PATH] = [join(folder, "users.ndjson"), join(folder, "users.db")];
    writeFileSync(file, formatRows(buildRows(COUNT)));
    const { code, users } = await interruptImport(file, SQLITE_PATH, 100, "SIGINT");
    expect(code).toBe(130);
    const state = JSON.parse(readFileSync(`${file}.import-state.json`, "utf8")) as { row: number };
    expect(state.row).toBe(users);

    const text = readFileSync(file);
    writeFileSync(file, formatRows(buildRows(COUNT + 1)));
    const other = await runCommand(["import", file, "--resume"], { SQLITE_PATH });
    expect(other).toMatchObject({ code: 2, errors: expect.stringContaining("another file; nothing was imported\n") });
    writeFileSync(file, text);
    const elsewhere = await runCommand(["import", file, "--resume"], { SQLITE_PATH: join(folder, "other.db") });
    expect(elsewhere).toMatchObject({ code: 2, errors: expect.stringContaining("another store") });
    const { lines } = await runCommand(["import", file, "--resume"], { SQLITE_PATH });
    expect(JSON.parse(lines[0]!)).toMatchObject({ read: COUNT - users, created: COUNT - users });
  });

  test("by the lock of another process continues once the lock is released", async () => {
    const folder = createFolder();
    const [file, SQLITE_PATH] = [join(folder, "users.ndjson"), join(folder, "users.db")];
    writeFileSync(file, formatRows(buildRows(COUNT)));
    const database = openUsersDatabase(SQLITE_PATH);
    onTestFinished(() => database.close());
    const child = startCommand(["import", file, "--concurrency", "20"], { SQLITE_PATH });
    const closed = once(child, "close");
    let errors = "";
    child.stderr!.on("data", (chunk) => (errors += String(chunk)));
    const count = database.prepare("SELECT count(*) AS users FROM users");
    await expect.poll(() => Number(count.get()!["users"]), { interval: 1, timeout: 60_000 }).toBeGreaterThan(0);
    database.exec("BEGIN IMMEDIATE");
    expect(Number(count.get()!["users"])).toBeLessThan(COUNT);
    await expect.poll(() => errors, { timeout: 30_000 }).toContain("Retrying.");
    database.exec("COMMIT");
    expect((await closed)[0]).toBe(0);
    expect(await listUsers(SQLITE_PATH)).toHaveLength(COUNT);
  });
});

test.for([
  ["a format that is export only", ["import", "x", "--format", "dynamodb-json"], "Allowed choices are ndjson, csv."],
  ["a missing file", ["import", "missing.csv"], "the file missing.csv does not exist"],
  ["standard input with --resume", ["import", "-", "--resume"], "--resume requires a file"],
  ["no concurrency", ["import", "x", "--concurrency", "0"], "It must be a whole number of 1 or more."],
  ["write units of SQLite", ["import", "x", "--max-write-units", "5"], "--max-write-units requires a DynamoDB table"],
  ["a spreadsheet of ndjson", ["export", "--spreadsheet"], "--spreadsheet requires the format csv"],
] as const)("%s is an error of one line with exit code 2", async ([, args, message]) => {
  const { code, lines, errors } = await runCommand([...args], { SQLITE_PATH: join(createFolder(), "users.db") });
  expect({ code, lines }).toEqual({ code: 2, lines: [""] });
  expect(errors).toContain(message);
  expect(errors.trim().split("\n")).toHaveLength(1);
});
