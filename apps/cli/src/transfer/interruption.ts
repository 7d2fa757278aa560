import { EXIT_CODES } from "../output.ts";

/** The reason of the signal of an interrupted command. */
export class Interruption extends Error {
  override readonly name = "Interruption";
}

/**
 * Runs a command with a controller that SIGINT and SIGTERM abort. A second signal ends the process at once. The exit
 * code of an interrupted command is 130.
 */
export async function runInterruptibly(run: (stop: AbortController) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const interrupt = () => stop.abort(new Interruption("interrupted"));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    await run(stop);
  } catch (error) {
    if (!(stop.signal.reason instanceof Interruption)) throw error;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
  if (stop.signal.reason instanceof Interruption) process.exitCode = EXIT_CODES.interrupted;
}
