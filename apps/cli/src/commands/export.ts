import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { User, UserRepository } from "@user-management/domain";
import { Option, type Command } from "commander";
import { writeCsv } from "../formats/csv.ts";
import { formatDynamoLines } from "../formats/dynamodb-json.ts";
import { EXPORT_FORMATS, inferFormat, type ExportFormat } from "../formats/format.ts";
import { formatNdjsonLine } from "../formats/ndjson.ts";
import { EXIT_CODES, notify } from "../output.ts";
import { startProgress } from "../progress.ts";
import { formatStore, readStoreSettings } from "../settings.ts";
import { openStore } from "../store.ts";
import { runInterruptibly } from "../transfer/interruption.ts";
import { writeFileAtomically } from "../transfer/output-file.ts";
import { createRetry } from "../transfer/retry.ts";

const PAGE_SIZE = 1_000;

interface ExportOptions {
  readonly format?: ExportFormat;
  readonly output?: string;
  readonly spreadsheet?: boolean;
  readonly store?: string;
}

export function addExportCommand(program: Command): void {
  program
    .command("export")
    .description("write every stored member of every user, while a server uses the store")
    .addOption(
      new Option("--format <format>", "defaults to that of the name of the file, or to ndjson").choices(EXPORT_FORMATS),
    )
    .option(
      "--output <file>",
      "writes the file once it is complete, and FILE.manifest.json; defaults to standard output",
    )
    .option("--spreadsheet", "writes CSV that spreadsheet programs do not evaluate")
    .option("--store <store>", "sqlite:PATH or dynamodb:TABLE; defaults to the store of the server")
    .addHelpText("after", "\nExample:\n  userctl export --output users.ndjson")
    .action((options: ExportOptions, command: Command) => {
      const format = options.format ?? inferFormat(options.output);
      if (options.spreadsheet && format !== "csv") command.error("error: --spreadsheet requires the format csv");
      return runInterruptibly((stop) => exportUsers(options, format, stop.signal));
    });
}

async function exportUsers(options: ExportOptions, format: ExportFormat, stop: AbortSignal): Promise<void> {
  const { output, spreadsheet = false } = options;
  const settings = readStoreSettings(options.store);
  const { users, close } = openStore(settings, false);
  const progress = startProgress(undefined);
  const time = new Date().toISOString();
  let rows = 0;
  const pages = readPages(users, stop, (count) => progress.update((rows += count)));
  // The users of a spreadsheet are on the disk of the output, which has space for them.
  const folder = mkdtempSync(join(output === undefined ? tmpdir() : dirname(output), "userctl-"));
  try {
    const chunks =
      format === "csv"
        ? writeCsv(pages, join(folder, "users.ndjson"), spreadsheet)
        : formatPages(pages, format === "ndjson" ? formatNdjsonLine : formatDynamoLines);
    if (output === undefined) await writeToStandardOutput(chunks, stop);
    else {
      const { sha256 } = await writeFileAtomically(output, chunks);
      const manifest = { rows, sha256, format, source: formatStore(settings), time };
      await writeFileAtomically(
        `${output}.manifest.json`,
        Readable.from([`${JSON.stringify(manifest, undefined, 2)}\n`]),
      );
    }
  } finally {
    progress.stop();
    close();
    rmSync(folder, { recursive: true });
  }
}

async function* readPages(
  users: UserRepository,
  stop: AbortSignal,
  onPage: (count: number) => void,
): AsyncGenerator<readonly User[]> {
  const retry = createRetry(stop);
  let after: string | undefined;
  do {
    const page = await retry((context) => users.list({ limit: PAGE_SIZE, after }, context));
    onPage(page.users.length);
    yield page.users;
    after = page.next;
  } while (after !== undefined);
}

/** Formats the users. One that the format cannot represent is reported by its id, and makes the exit code 1. */
async function* formatPages(
  pages: AsyncIterable<readonly User[]>,
  format: (user: User) => string | undefined,
): AsyncGenerator<string> {
  for await (const users of pages) {
    const texts = users.map((user) => {
      const text = format(user);
      if (text !== undefined) return text;
      notify(`DynamoDB cannot store the user ${JSON.stringify(user.user_id)}.`);
      process.exitCode = EXIT_CODES.incomplete;
      return "";
    });
    yield texts.join("");
  }
}

async function writeToStandardOutput(chunks: AsyncIterable<string>, stop: AbortSignal): Promise<void> {
  try {
    await pipeline(chunks, process.stdout, { signal: stop, end: false });
  } catch (error) {
    // A reader such as `head` closes the pipe.
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
}
