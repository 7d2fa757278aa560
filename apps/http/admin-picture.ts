import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXAMPLE_FIELDS } from "@user-management/domain";
import { pino } from "pino";
import { startApplication } from "./src/application.ts";
import { readServerSettings } from "./src/settings.ts";
import { startBrowser } from "./src/testing/browser.ts";

const NAMES = ["Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo"];

/** Writes `docs/admin.png`, the picture of the admin page in the README, from a server with example users. */
const folder = mkdtempSync(join(tmpdir(), "users-"));
const settings = readServerSettings({ PORT: "0", SQLITE_PATH: join(folder, "users.db") });
const application = await startApplication({ settings, log: pino({ level: "silent" }) });
const browser = await startBrowser();
try {
  for (const [index, firstname] of NAMES.entries()) {
    const user = {
      ...EXAMPLE_FIELDS,
      firstname,
      lastname: "Example",
      email: `${firstname.toLowerCase()}@example.com`,
      phone_number: `+1 202 555 01${String(index).padStart(2, "0")}`,
      metadata: { plan: "basic" },
      ...(index % 4 === 3 && { status: "suspended" }),
    };
    const headers = { "content-type": "application/json" };
    await fetch(`${application.url}/users`, { method: "POST", headers, body: JSON.stringify(user) });
  }
  const page = await browser.newPage({ viewport: { width: 1300, height: 620 }, colorScheme: "light" });
  await page.goto(`${application.url}/admin`);
  await page.getByRole("row", { name: "charlie@example.com" }).click();
  await page.getByLabel("Last name").waitFor();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(import.meta.dirname, "../../docs/admin.png") });
} finally {
  await browser.close();
  await application.stop();
  rmSync(folder, { recursive: true });
}
