import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createUser, createUsers, openAdmin, waitForMessage } from "../testing/admin-page.ts";
import { startBrowser } from "../testing/browser.ts";
import { freePort, startProcess, temporaryFolder } from "../testing/start-process.ts";
import { startTestApplication, type TestApplication } from "../testing/start-test-application.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const USERCTL = join(import.meta.dirname, "../../../cli/src/userctl.ts");
const HEADER = "lastname,dob,address,gender,email,phone_number";

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

async function start(): Promise<TestApplication> {
  const application = await startTestApplication();
  onTestFinished(application.stop);
  return application;
}

/** Clicks a button, and returns the name and the text of the file that the browser saves. */
async function download(page: Page, button: string): Promise<{ name: string; text: string }> {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
}

async function choose(page: Page, name: string, text: string | Buffer): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Import", exact: true }).click(),
  ]);
  await chooser.setFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
}

const isFocused = (button: Element) => button === document.activeElement;

const formatRow = (number: number) => `Doe,1990-01-01,Street ${number},Other,row${number}@example.com,1234567`;

async function listEmails(url: string): Promise<string[]> {
  const emails: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const response = await fetch(`${url}/users?limit=100${cursor && `&cursor=${cursor}`}`);
    const page = (await response.json()) as { users: { email: string }[]; next_cursor: string | null };
    emails.push(...page.users.map(({ email }) => email));
    cursor = page.next_cursor;
  }
  return emails;
}

test("exports every page as userctl does, for a spreadsheet and for programs", async () => {
  const { url, path } = await start();
  await createUsers(url, "export", 130);
  await createUser(url, {
    lastname: '=HYPERLINK("x")',
    firstname: "'=1",
    address: 'Line, "quoted" \u2028',
    phone_number: "+1 202 555 0100",
    status: "suspended",
    metadata: { plan: "gold", empty: "" },
  });
  const { page, requests } = await openAdmin(browser, url);
  const csv = await download(page, "Export");
  expect(csv.name).toMatch(/^users-\d{4}-\d\d-\d\d\.csv$/);
  await waitForMessage(page, "131 users exported.");
  expect(requests.slice(1)).toHaveLength(2);
  expect(await page.getByRole("button", { name: "Export" }).evaluate(isFocused)).toBe(true);
  await page.getByLabel("File format").selectOption("NDJSON");
  const ndjson = await download(page, "Export");
  const runUserctl = (...options: string[]) =>
    execFileSync(process.execPath, [USERCTL, "export", "--store", `sqlite:${path}`, ...options], { encoding: "utf8" });
  expect(csv.text).toBe(runUserctl("--format", "csv", "--spreadsheet"));
  expect(ndjson.text).toBe(runUserctl("--format", "ndjson"));
});

test("shows the progress of an export, and Cancel saves nothing", async () => {
  const { url } = await start();
  await createUsers(url, "cancel", 150);
  const { page } = await openAdmin(browser, url, { isUnreachable: true });
  await page.getByRole("table", { name: "Users" }).waitFor();
  let isSaved = false;
  page.on("download", () => (isSaved = true));
  const held = Promise.withResolvers<void>();
  await page.route("**/users?*cursor=*", async (route) => {
    await held.promise;
    await route.abort();
  });
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("progressbar", { name: "Export" }).waitFor();
  await page.getByText("100 users", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  held.resolve();
  await page.getByLabel("File format").waitFor();
  expect(isSaved).toBe(false);
});

test("an export continues after the network was gone", async () => {
  const { url } = await start();
  await createUsers(url, "continue", 150);
  const { page } = await openAdmin(browser, url, { isUnreachable: true });
  await page.getByRole("table", { name: "Users" }).waitFor();
  await page.route("**/users?*cursor=*", (route) => route.abort());
  await page.getByRole("button", { name: "Export" }).click();
  await waitForMessage(page, "The export has stopped. The server could not be reached.");
  await page.unrouteAll();
  const { text } = await download(page, "Continue");
  expect(text.trim().split("\r\n")).toHaveLength(151);
});

test("previews every invalid row, imports the others, and saves the failed rows as a file", async () => {
  const { url } = await start();
  await createUser(url, { email: "row2@example.com" });
  const { page } = await openAdmin(browser, url, { failures: [409] });
  const broken = "Doe,1990-02-30,Street,Robot,nobody,1";
  const lines = [
    HEADER,
    formatRow(1),
    formatRow(2),
    broken,
    formatRow(1),
    "Doe",
    `"Doe, ""J""",${formatRow(3).slice(4)}`,
  ];
  await choose(page, "people.csv", `\uFEFF${lines.join("\r\n")}`);
  const dialog = page.getByRole("dialog", { name: "Import users" });
  await dialog.getByText("people.csv: 3 users to create, 3 rows not valid.").waitFor();
  const readRows = async () => (await dialog.getByRole("row").allInnerTexts()).map((row) => row.replace("\t\n", "\t"));
  const invalid = [
    "3\tDate of birth: Must be an existing date in the form YYYY-MM-DD.\nGender: Must be one of Male, Female, Non-binary, Other, Unspecified.\nEmail: Must be an email address.\nPhone number: Must have 7 to 15 digits, with an optional leading + and spaces, dots, hyphens or parentheses between digits.",
    "4\tEmail: Row 1 has the same.",
    "5\tMust be an object.",
  ];
  expect((await readRows()).slice(1)).toEqual(invalid);
  expect(await listEmails(url)).toHaveLength(1);
  await dialog.getByRole("button", { name: "Create 3 users" }).click();
  await dialog.getByText("2 users created, 4 rows failed.").waitFor();
  expect((await readRows()).slice(1)).toEqual(["2\tEmail: Another user has this email.", ...invalid]);
  const failed = await download(page, "Download failed rows");
  expect(failed.name).toBe("people-failed.csv");
  expect(failed.text).toBe(`${[HEADER, formatRow(2), broken, formatRow(1), "Doe"].join("\r\n")}\r\n`);
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.getByRole("row", { name: 'Doe, "J"' }).waitFor();
  expect(await page.getByRole("button", { name: "Import" }).evaluate(isFocused)).toBe(true);
});

test("imports users that were exported from another service; a repetition creates no user again", async () => {
  const [source, target] = [await start(), await start()];
  await createUsers(source.url, "moved", 149);
  await createUser(source.url, { lastname: "+Formula", email: "formula@example.com", metadata: { plan: "gold" } });
  const from = await openAdmin(browser, source.url);
  const { text } = await download(from.page, "Export");
  const { page } = await openAdmin(browser, target.url);
  for (const _ of ["first", "repeated"]) {
    await choose(page, "users.csv", text);
    await page.getByText("The ids, versions and times in the file are not imported.").waitFor();
    await page.getByRole("button", { name: "Create 150 users" }).click();
    await page.getByText("150 users created, 0 rows failed.").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
  }
  expect((await listEmails(target.url)).toSorted()).toEqual((await listEmails(source.url)).toSorted());
  const found = await fetch(`${target.url}/users?email=formula@example.com`);
  expect(await found.json()).toMatchObject({ users: [{ lastname: "+Formula", metadata: { plan: "gold" } }] });
});

test("an import continues after the server was killed, and creates each user once", async () => {
  const settings = { PORT: String(await freePort()), SQLITE_PATH: join(temporaryFolder(), "users.db") };
  const server = await startProcess(settings);
  const { page } = await openAdmin(browser, server.url, { isUnreachable: true });
  const count = 120;
  const lines = Array.from({ length: count }, (_, number) =>
    JSON.stringify({
      lastname: "Doe",
      dob: "1990-01-01",
      address: "Street",
      gender: "Other",
      email: `line${number}@example.com`,
      phone_number: "1234567",
    }),
  );
  await choose(page, "users.ndjson", lines.join("\n"));
  let responses = 0;
  page.on("response", (response) => {
    if (response.request().method() === "POST" && (responses += 1) === 40) server.child.kill("SIGKILL");
  });
  await page.getByRole("button", { name: `Create ${count} users` }).click();
  await waitForMessage(page, "The server could not be reached.");
  await page.getByText(/^\d+ users created, 0 rows failed, \d+ rows left\.$/).waitFor();
  await startProcess(settings);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText(`${count} users created, 0 rows failed.`).waitFor();
  expect(new Set(await listEmails(server.url)).size).toBe(count);
});

test.for([
  { label: "an unknown column", name: "a.csv", content: "name,email\nDoe,x", message: "Column 1 (name) is unknown." },
  { label: "no header", name: "a.csv", content: `${formatRow(1)}\n`, message: "Column 1 is unknown." },
  { label: "unbalanced quotes", name: "a.csv", content: `${HEADER}\n"Doe`, message: "its quotes are not balanced" },
  { label: "another encoding", name: "a.csv", content: Buffer.from([0xff, 0xfe, 0x41]), message: "not text in UTF-8" },
])("explains a file with $label", async ({ name, content, message }) => {
  const { url } = await start();
  const { page } = await openAdmin(browser, url);
  await choose(page, name, content);
  await waitForMessage(page, message);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});
