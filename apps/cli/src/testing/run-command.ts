import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

const MAIN = join(import.meta.dirname, "../userctl.ts");

/**
 * Starts a command in a process whose environment contains only these settings.
 *
 * @param input the file descriptor of standard input, which is empty by default
 */
export function startCommand(
  args: string[],
  settings: Record<string, string>,
  script = MAIN,
  input?: number,
): ChildProcess {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH, NODE_COMPILE_CACHE, AWS_EC2_METADATA_DISABLED: "true", ...settings },
    stdio: [input ?? "ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

export interface CommandResult {
  readonly code: number;
  /** The lines on standard output. */
  readonly lines: string[];
  /** The text on standard error. */
  readonly errors: string;
}

/** Runs a command until it exits. */
export async function runCommand(
  args: string[],
  settings: Record<string, string>,
  script = MAIN,
): Promise<CommandResult> {
  const child = startCommand(args, settings, script);
  const [output, errors, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "close")]);
  return { code: Number(code), lines: output.trimEnd().split("\n"), errors };
}
