import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { REPOSITORY_ROOT } from "../documents/read-document.ts";
import { readBuildCommand, readImage, type Image } from "./dockerfile.ts";

/** The file tree of the image in a folder that only its data folder allows to write to. */
export interface ImageTree {
  readonly image: Image;
  /** The paths of the files of the image, besides those of the base image, with their size in bytes. */
  readonly files: ReadonlyMap<string, number>;
  /** Starts a program of the image, by default the server, as the user of the image and with its environment only. */
  readonly start: (options?: StartOptions) => ChildProcess;
  /** Creates an empty data folder, which replaces the current one. */
  readonly replaceData: () => void;
  readonly remove: () => void;
}

export interface StartOptions {
  /** An absolute program of the image and its arguments. */
  readonly command?: readonly string[];
  /** Variables besides those of the image. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The folder of the build stage that contains the repository. */
const BUILD_FOLDER = "/src/";

/** Builds the programs with the commands of the Dockerfile, and copies them with its COPY instructions. */
export function assembleImageTree(): ImageTree {
  const image = readImage();
  runBuildCommand(readBuildCommand());
  const root = mkdtempSync(join(tmpdir(), "image-"));
  const [dataFolder] = image.volumes;
  for (const { sources, destination, isIntoFolder } of image.copies) {
    for (const source of sources) {
      const target = join(root, destination, isIntoFolder ? basename(source) : "");
      mkdirSync(dirname(target), { recursive: true });
      if (source === dataFolder) mkdirSync(target);
      else cpSync(source.replace(BUILD_FOLDER, `${REPOSITORY_ROOT}/`), target, { errorOnExist: true, force: false });
    }
  }
  const files = new Map(listFiles(root).map((path) => [path.slice(root.length), statSync(path).size]));
  // The base image contains Node.js.
  const node = join(root, image.entrypoint[0]!);
  mkdirSync(dirname(node), { recursive: true });
  copyFileSync(process.execPath, node);
  for (const path of [root, ...globSync("**", { cwd: root }).map((name) => join(root, name))]) chmodSync(path, 0o555);
  // Root could write to a read-only folder.
  const [uid, gid] = image.user.split(":").map(Number);
  const identity = process.getuid?.() === 0 ? { uid: uid!, gid: gid! } : {};
  const toPath = (path: string) => (path.startsWith("/") ? join(root, path) : path);

  const tree: ImageTree = {
    image,
    files,
    start({ command = [...image.entrypoint, ...image.command], environment = {} } = {}) {
      const [program, ...args] = command;
      const variables = Object.entries({ ...image.environment, ...environment });
      const env = Object.fromEntries(variables.map(([name, value]) => [name, toPath(value)]));
      return spawn(toPath(program!), args, { cwd: join(root, image.folder), env, ...identity });
    },
    replaceData() {
      const folder = toPath(dataFolder!);
      chmodSync(root, 0o755);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { mode: 0o700 });
      if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid);
      chmodSync(root, 0o555);
    },
    remove() {
      for (const path of [root, ...globSync("**/", { cwd: root }).map((name) => join(root, name))]) {
        chmodSync(path, 0o755);
      }
      rmSync(root, { recursive: true });
    },
  };
  tree.replaceData();
  return tree;
}

/** Resolves with the result of a program that exits by itself. */
export async function waitForExit(child: ChildProcess): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, "close"),
  ]);
  return { exitCode: Number(exitCode), stdout, stderr };
}

/** Runs a command in the repository with the Node.js of the tests. */
function runBuildCommand(command: string): void {
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`;
  execFileSync("sh", ["-c", command], { cwd: REPOSITORY_ROOT, env: { ...process.env, PATH } });
}

function listFiles(folder: string): string[] {
  return globSync("**", { cwd: folder })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
