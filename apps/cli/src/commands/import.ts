import { createReadStream, existsSync } from "node:fs";
import { UNIQUE_FIELDS, type UniqueFieldName } from "@user-management/domain";
import { SettingsError } from "@user-management/node-platform";
import { InvalidArgumentError, Option, type Command } from "commander";
import { IMPORT_FORMATS, inferFormat, type ImportFormat } from "../formats/format.ts";
import { readCsv } from "../formats/csv.ts";
import { readNdjson } from "../formats/ndjson.ts";
import { readStoreSettings, type StoreSettings } from "../settings.ts";
import { importFile, type ImportFileOptions } from "../transfer/import-file.ts";
import { withStandardInput } from "../transfer/input.ts";
import { runInterruptibly } from "../transfer/interruption.ts";

const STANDARD_INPUT = "-";

/** SQLite commits concurrent rows together; the client of DynamoDB has 50 connections. */
const DEFAULT_CONCURRENCY = { sqlite: 200, dynamodb: 50 } as const satisfies Record<StoreSettings["kind"], number>;

interface ImportOptions {
  readonly format?: ImportFormat;
  readonly onConflict: ImportFileOptions["onConflict"];
  readonly match: "user_id" | UniqueFieldName;
  readonly dryRun?: boolean;
  readonly errors?: string;
  readonly resume?: boolean;
  readonly concurrency?: number;
  readonly maxWriteUnits?: number;
  readonly store?: string;
}

export function addImportCommand(program: Command): void {
  const matches = ["user_id", ...UNIQUE_FIELDS.map(({ field }) => field)];
  program
    .command("import")
    .description("create or update the user of each row of a file, and print a summary")
    .argument("<file>", "the file, or - for standard input")
    .addOption(
      new Option("--format <format>", "defaults to that of the name of the file, or to ndjson").choices(IMPORT_FORMATS),
    )
    .addOption(
      new Option("--on-conflict <action>", "for a user that exists with other fields")
        .choices(["fail", "skip", "update"])
        .default("fail"),
    )
    .addOption(
      new Option("--match <member>", "identifies existing users, besides their id").choices(matches).default("user_id"),
    )
    .option("--dry-run", "validates every row and writes nothing; does not detect an email that the file has twice")
    .option("--errors <file>", "reports rows that were not imported; defaults to standard error")
    .option("--resume", "continues an import that was interrupted")
    .option(
      "--concurrency <rows>",
      "the maximum number of concurrent rows; 200 for SQLite, 50 for DynamoDB",
      parseCount,
    )
    .option("--max-write-units <units>", "the maximum write units of DynamoDB in a second", parseCount)
    .option("--store <store>", "sqlite:PATH or dynamodb:TABLE; defaults to the store of the server")
    .addHelpText("after", "\nExample:\n  userctl import users.csv --errors errors.ndjson")
    .action((file: string, options: ImportOptions, command: Command) => {
      if (options.resume && options.dryRun) command.error("error: --resume cannot be used with --dry-run");
      if (options.resume && file === STANDARD_INPUT) command.error("error: --resume requires a file");
      return runInterruptibly((stop) => runImport(file, options, stop));
    });
}

async function runImport(file: string, options: ImportOptions, stop: AbortController): Promise<void> {
  const settings = readStoreSettings(options.store);
  if (options.maxWriteUnits !== undefined && settings.kind !== "dynamodb") {
    throw new SettingsError("--max-write-units requires a DynamoDB table");
  }
  const format = options.format ?? inferFormat(file);
  const fileOptions = {
    ...options,
    settings,
    format,
    isDryRun: options.dryRun ?? false,
    isResumed: options.resume ?? false,
    hasState: file !== STANDARD_INPUT && !options.dryRun,
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY[settings.kind],
    read: (path: string) =>
      (format === "csv" ? readCsv : readNdjson)(createReadStream(path, { highWaterMark: 1 << 18 })),
    stop,
  };
  if (file === STANDARD_INPUT) return withStandardInput(stop.signal, (path) => importFile(path, fileOptions));
  if (!existsSync(file)) throw new SettingsError(`the file ${file} does not exist`);
  return importFile(file, fileOptions);
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number of 1 or more.");
}
