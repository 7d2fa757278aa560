import { execFile } from "node:child_process";
/**
 * Runs a program and waits until it exits.
 *
 * @throws Error if the program cannot be started or a signal terminates it
 */
export function run(program, args, { cwd, env }) {
    return new Promise((resolve, reject) => {
        const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 2 ** 20 };
        const child = execFile(program, args, options, (error, stdout, stderr) => {
            if (child.exitCode === null)
                reject(error ?? new Error(`${program} did not exit.`));
            else
                resolve({ exitCode: child.exitCode, stdout, stderr });
        });
    });
}
/**
 * Runs a program that must succeed, and returns its standard output.
 *
 * @throws Error with the whole output if the exit code is not 0
 */
export async function runSuccessfully(program, args, options) {
    const { exitCode, stdout, stderr } = await run(program, args, options);
    if (exitCode !== 0) {
        throw new Error(`${program} ${args.join(" ")} exited with code ${exitCode}:\n${stdout}\n${stderr}`);
    }
    return stdout;
}
//# sourceMappingURL=run.js.map