import { parseArgs } from "node:util";
import { startApplication } from "./application.ts";
import { checkHealth } from "./healthcheck.ts";
import { formatHelp } from "./help.ts";
import { createLog } from "./log.ts";
import { exitWithError, limitTimeToExit, UsageError, waitForStopSignal } from "./process-exit.ts";
import { readServerSettings } from "./settings.ts";

/** Runs the server from the settings of the environment until a stop signal, or checks the one that runs. */
async function main(): Promise<void> {
  const { healthcheck, help } = parseArguments(process.argv.slice(2));
  if (help) return void process.stdout.write(formatHelp());
  const settings = readServerSettings(process.env);
  if (healthcheck) return checkHealth(settings);
  const log = await createLog(settings.LOG_LEVEL);
  const application = await startApplication({ settings, log });
  const signal = await waitForStopSignal();
  limitTimeToExit(application.exitTimeoutMs);
  log.info(`${signal}: draining; a second signal ends the process immediately`);
  await application.stop();
  log.info("stopped");
}

/** @throws UsageError if an argument is unknown */
function parseArguments(args: string[]): { healthcheck: boolean; help: boolean } {
  try {
    const flag = { type: "boolean", default: false } as const;
    return parseArgs({ args, options: { healthcheck: flag, help: flag } }).values;
  } catch (cause) {
    throw new UsageError("unknown argument; the options are --help and --healthcheck", { cause });
  }
}

main().catch(exitWithError);
