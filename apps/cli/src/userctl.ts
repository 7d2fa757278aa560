import { setFlagsFromString } from "node:v8";
import { Command, CommanderError } from "commander";
import { addCopyCommand } from "./commands/copy.ts";
import { addExportCommand } from "./commands/export.ts";
import { addImportCommand } from "./commands/import.ts";
import { addKeyCommands } from "./commands/keys.ts";
import { addTableCommands } from "./commands/tables.ts";
import { addVerifyCommand } from "./commands/verify.ts";
import { EXIT_CODES, reportError } from "./output.ts";

/** The composition root of the commands for operators. */
async function main(): Promise<void> {
  const program = new Command("userctl")
    .description("Commands for operators of the user management service.")
    .addHelpText("after", "\nExample:\n  userctl keys create --name billing --scopes users:read");
  addKeyCommands(program);
  addTableCommands(program);
  addExportCommand(program);
  addImportCommand(program);
  addCopyCommand(program);
  addVerifyCommand(program);
  configure(program);
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error);
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_CODES.failed;
  }
}

/** Makes an invalid command line an error of one line, and lets `main` set the exit code. */
function configure(command: Command): void {
  command.exitOverride();
  command.showSuggestionAfterError(false);
  command.allowExcessArguments(false);
  for (const subcommand of command.commands) configure(subcommand);
}

/**
 * Limits the garbage that V8 keeps, which takes more memory than the users in progress. Both flags have an effect after
 * the start: the young generation keeps its initial size, and the old one is collected once it has grown by 20 %.
 */
function limitMemory(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=20");
}

// A reader such as `head` that closes the pipe is no error.
process.stdout.on("error", () => undefined);

limitMemory();
await main();
