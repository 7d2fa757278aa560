import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";
import { EXAMPLE_FIELDS } from "@user-management/domain";
import { freePort } from "@user-management/http/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { describeNotices } from "./describe-notices.ts";
import { assembleImageTree, waitForExit, type ImageTree } from "./image-tree.ts";

/** The time after which Docker kills a container that it stops. */
const STOP_TIMEOUT_MS = 10_000;

let tree: ImageTree;

beforeAll(() => {
  tree = assembleImageTree();
}, 60_000);
afterAll(() => tree.remove());
beforeEach(() => tree.replaceData());

/** Runs a program of the image until it exits, as `docker run IMAGE ARGS` does. */
function run(args: readonly string[], environment?: Record<string, string>) {
  return waitForExit(tree.start({ command: [...tree.image.entrypoint, ...args], ...(environment && { environment }) }));
}

function checkHealth(PORT: string) {
  return waitForExit(tree.start({ command: tree.image.healthcheck, environment: { PORT } }));
}

async function createKey(): Promise<string> {
  const { exitCode, stdout } = await run([
    "userctl.js",
    "keys",
    "create",
    "--name=test",
    "--scopes=users:read,users:write",
  ]);
  expect(exitCode).toBe(0);
  return stdout.trim();
}

interface Server {
  readonly child: ChildProcess;
  readonly port: string;
  /** Resolves when the log contains a record with this message. */
  readonly waitForRecord: (message: string) => Promise<void>;
}

/** Starts the server of the image, and resolves when it listens. */
async function startServer(): Promise<Server> {
  const port = String(await freePort());
  const child = tree.start({ environment: { PORT: port } });
  onTestFinished(() => void child.kill("SIGKILL"));
  const messages: string[] = [];
  const lines = createInterface(child.stdout!).on("line", (line) => {
    messages.push((JSON.parse(line) as { msg: string }).msg);
  });
  async function waitForRecord(message: string): Promise<void> {
    while (!messages.some((candidate) => candidate.includes(message))) await once(lines, "line");
  }
  await waitForRecord("listening on http://0.0.0.0:");
  return { child, port, waitForRecord };
}

/** Begins a request to create a user, and resolves when the server has its headers and expects the body. */
async function beginCreate(port: string, key: string) {
  const body = JSON.stringify(EXAMPLE_FIELDS);
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", expect: "100-continue" };
  const length = { "content-length": Buffer.byteLength(body) };
  const outgoing = request({ port, path: "/users", method: "POST", agent: false, headers: { ...headers, ...length } });
  const response = once(outgoing, "response") as Promise<[IncomingMessage]>;
  outgoing.flushHeaders();
  await once(outgoing, "continue");
  return {
    async finish() {
      outgoing.end(body);
      const [incoming] = await response;
      return { status: incoming.statusCode, body: (await json(incoming)) as { user_id: string } };
    },
  };
}

test("the image contains the programs, their notices and the license, and nothing else", () => {
  expect([...tree.files.keys()].toSorted()).toEqual([
    "/app/LICENSE",
    "/app/main.js",
    "/app/main.js.LICENSES.txt",
    "/app/userctl.js",
    "/app/userctl.js.LICENSES.txt",
  ]);
  const size = [...tree.files.values()].reduce((sum, bytes) => sum + bytes, 0);
  expect(size).toBeLessThan(8 * 2 ** 20);
});

test("the server starts with a key of userctl and serves users", async () => {
  const key = await createKey();
  const { port } = await startServer();
  const create = await beginCreate(port, key);
  const { status, body } = await create.finish();
  expect(status).toBe(201);
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`http://127.0.0.1:${port}/users/${body.user_id}`, { headers });
  expect(await response.json()).toEqual({ user_id: body.user_id, ...EXAMPLE_FIELDS });
  expect((await fetch(`http://127.0.0.1:${port}/users/${body.user_id}`)).status).toBe(401);
});

test("the health check succeeds while the server runs, and fails after it has stopped", async () => {
  await createKey();
  const { child, port } = await startServer();
  expect(await checkHealth(port)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  child.kill(tree.image.stopSignal as NodeJS.Signals);
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await checkHealth(port)).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: `user-management: http://127.0.0.1:${port}/healthz is unavailable: ECONNREFUSED\n`,
  });
});

test("the stop signal lets a request complete, and the process exits before it is killed", async () => {
  const key = await createKey();
  const { child, port, waitForRecord } = await startServer();
  const create = await beginCreate(port, key);
  const stoppedAt = performance.now();
  const ended = once(child, "exit");
  child.kill(tree.image.stopSignal as NodeJS.Signals);
  await waitForRecord("draining");
  expect((await create.finish()).status).toBe(201);
  expect(await ended).toEqual([0, null]);
  expect(performance.now() - stoppedAt).toBeLessThan(STOP_TIMEOUT_MS);
});

test("the server does not start without authentication, and names the ways to configure it", async () => {
  const { exitCode, stdout, stderr } = await waitForExit(tree.start({ environment: { PORT: "0" } }));
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(/^user-management: other machines can reach this server.*userctl keys create.*\n$/);
  expect(stderr).toMatch(/USERS_TOKEN_ISSUER.*USERS_AUTH=none/);
});

test("the data folder is the only folder that a program can write to", async () => {
  const write = 'require("node:fs").writeFileSync(process.argv[1], "")';
  for (const path of ["main.js", "file", "../file"]) {
    expect((await run(["--eval", write, path])).stderr).toContain("EACCES");
  }
  expect(await run(["--eval", write, `..${tree.image.volumes[0]}/file`])).toMatchObject({ exitCode: 0 });
});

describe("the notices", describeNotices);
