import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { EXAMPLE_FIELDS } from "@user-management/domain";

/**
 * Measures import, export, copy and verify of 1,000,000 users, or of the number in the first argument, with SQLite files:
 * users per second and the maximum resident memory. Compare the memory for several numbers: it does not grow with them.
 */
const COUNT = Number(process.argv[2] ?? 1_000_000);

const USERCTL = join(import.meta.dirname, "../src/userctl.ts");

/** A module that writes the maximum resident memory, in KiB, to the file descriptor 3 when the process exits. */
const REPORT_MEMORY =
  'data:text/javascript,import { writeSync } from "node:fs"; process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS)));';

const folder = mkdtempSync(join(tmpdir(), "userctl-"));
const [first, second] = [join(folder, "first.db"), join(folder, "second.db")];
try {
  const input = join(folder, "input.ndjson");
  await pipeline(Readable.from(formatUsers()), createWriteStream(input));
  console.table({
    "import ndjson": await measure("import", input, "--store", `sqlite:${first}`),
    "export ndjson": await measure("export", "--output", join(folder, "users.ndjson"), "--store", `sqlite:${first}`),
    "export csv": await measure("export", "--output", join(folder, "users.csv"), "--store", `sqlite:${first}`),
    copy: await measure("copy", "--from", `sqlite:${first}`, "--to", `sqlite:${second}`),
    verify: await measure("verify", `sqlite:${first}`, `sqlite:${second}`),
    "import csv, unchanged": await measure("import", join(folder, "users.csv"), "--store", `sqlite:${second}`),
  });
} finally {
  rmSync(folder, { recursive: true });
}

function* formatUsers(): Generator<string> {
  for (let n = 0; n < COUNT; n += 1) {
    const user = { ...EXAMPLE_FIELDS, email: `john.doe.${n}@example.com`, external_id: `crm-${n}` };
    yield `${JSON.stringify({ ...user, metadata: { plan: "gold" } })}\n`;
  }
}

async function measure(...args: string[]): Promise<Record<string, number>> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ["--import", REPORT_MEMORY, USERCTL, ...args], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const closed = once(child, "close");
  const memoryKib = Number(await text(child.stdio[3] as Readable));
  const [code] = await closed;
  if (code !== 0) throw new Error(`userctl ${args.join(" ")} exited with ${String(code)}`);
  const seconds = (performance.now() - startedAt) / 1_000;
  return { "users/s": Math.round(COUNT / seconds), "maximum MiB": Math.round(memoryKib / 1_024) };
}
