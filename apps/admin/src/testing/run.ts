import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export type Command = "create-table" | "claim-emails" | "local-dynamodb";

/** Starts a command as a person would, with these settings and no others. */
export function start(command: Command, settings: Record<string, string>, args: string[] = []): ChildProcess {
  const script = join(import.meta.dirname, "..", `${command}.ts`);
  const { PATH } = process.env;
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH, AWS_EC2_METADATA_DISABLED: "true", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

export interface Outcome {
  readonly code: number;
  readonly lines: string[];
  readonly errors: string;
}

/** Runs a command to its end. */
export async function run(command: Command, settings: Record<string, string>, args: string[] = []): Promise<Outcome> {
  const child = start(command, settings, args);
  const [out, errors, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "close")]);
  return { code: Number(code), lines: out.trimEnd().split("\n"), errors };
}
