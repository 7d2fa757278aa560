import { startApplication } from "./application.ts";
import { createLog } from "./log.ts";
import { exitWithError, limitTimeToExit, waitForStopSignal } from "./process-exit.ts";
import { readServerSettings } from "./settings.ts";

/** Runs the server from the settings of the environment until a stop signal. */
async function main(): Promise<void> {
  const settings = readServerSettings(process.env);
  const log = await createLog(settings.LOG_LEVEL);
  const application = await startApplication({ settings, log });
  const signal = await waitForStopSignal();
  limitTimeToExit(application.exitTimeoutMs);
  log.info(`${signal}: draining; a second signal ends the process immediately`);
  await application.stop();
  log.info("stopped");
}

main().catch(exitWithError);
