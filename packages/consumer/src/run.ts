import { execFile } from "node:child_process";

export interface Outcome {
  /** The exit code. */
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a program to its end.
 *
 * @throws Error when it cannot be started
 */
export function run(program: string, args: readonly string[], { cwd, env }: RunOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 2 ** 20 };
    const child = execFile(program, args, options, (error, out, errors) => {
      if (child.exitCode === null) reject(error ?? new Error(`${program} did not end`));
      else resolve({ code: child.exitCode, out, errors });
    });
  });
}

/**
 * Runs a program to its end, which must be a good one.
 *
 * @throws Error with all that it said, when its exit code is not 0
 */
export async function runWell(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { code, out, errors } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with code ${code}:\n${out}\n${errors}`);
  return out;
}
