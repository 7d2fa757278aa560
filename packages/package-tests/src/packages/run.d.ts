/** The result of a program. */
export interface RunResult {
    readonly exitCode: number;
    readonly stdout: string;
    readonly stderr: string;
}
interface RunOptions {
    readonly cwd: string;
    /** Variables besides those of this process. */
    readonly env?: NodeJS.ProcessEnv;
}
/**
 * Runs a program and waits until it exits.
 *
 * @throws Error if the program cannot be started or a signal terminates it
 */
export declare function run(program: string, args: readonly string[], { cwd, env }: RunOptions): Promise<RunResult>;
/**
 * Runs a program that must succeed, and returns its standard output.
 *
 * @throws Error with the whole output if the exit code is not 0
 */
export declare function runSuccessfully(program: string, args: readonly string[], options: RunOptions): Promise<string>;
export {};
