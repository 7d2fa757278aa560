import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { temporaryFolder } from "@user-management/http/testing";
import { REPOSITORY_ROOT } from "./read-document.ts";

/** Runs `userctl` without pnpm, and a substitute of the AWS CLI. */
const FUNCTIONS = `
set -e
npx() { while [[ $1 =~ ^(pnpm|-s|userctl)$ ]]; do shift; done; node "$USERCTL" "$@"; }
aws() { node "$AWS" "$@"; }
`;

/** The JSON objects that a command has printed, one per line. */
type PrintedObjects = Record<string, unknown>[];

export interface ShellResult {
  readonly code: number | null;
  readonly objects: PrintedObjects;
  readonly output: string;
  readonly errors: string;
}

/** A shell in a folder with a copy of `docs/moving` and an empty folder `data`. It is deleted when the test finishes. */
export interface Shell {
  /** The SQLite file. */
  readonly databasePath: string;
  readonly run: (commands: string) => ShellResult;
  readonly read: (file: string) => string;
  readonly readObjects: (file: string) => PrintedObjects;
  /** Replaces the first occurrence of a text in a file. */
  readonly replace: (file: string, text: string, replacement: string) => void;
}

/** Creates a shell in which `userctl` uses the file `data/users.db`, and these settings. */
export function createShell(settings: Record<string, string> = {}): Shell {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "data"));
  cpSync(join(REPOSITORY_ROOT, "docs/moving"), join(folder, "docs/moving"), { recursive: true });
  cpSync(join(REPOSITORY_ROOT, "package.json"), join(folder, "package.json"));
  const databasePath = join(folder, "data/users.db");
  const env = {
    // The Node.js that runs the tests is first in the search path.
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`,
    USERCTL: join(REPOSITORY_ROOT, "apps/cli/src/userctl.ts"),
    AWS: join(import.meta.dirname, "aws-command.ts"),
    AWS_EC2_METADATA_DISABLED: "true",
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
    SQLITE_PATH: databasePath,
    ...settings,
  };
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  return {
    databasePath,
    run(commands) {
      const options = { cwd: folder, env, encoding: "utf8" } as const;
      const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", FUNCTIONS + commands], options);
      return { code: status, objects: parseObjects(stdout), output: stdout, errors: stderr };
    },
    read,
    readObjects: (file) => parseObjects(read(file)),
    replace: (file, text, replacement) =>
      writeFileSync(
        join(folder, file),
        read(file).replace(text, () => replacement),
      ),
  };
}

function parseObjects(text: string): PrintedObjects {
  const lines = text.split("\n").filter((line) => /^\{.*\}$/.test(line));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
