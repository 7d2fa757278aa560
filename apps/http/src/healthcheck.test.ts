import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { freePort, startProcess } from "./testing/start-process.ts";

async function runMain(args: string[], settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], { env: settings });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { exitCode: exitCode as number, stdout, stderr };
}

const checkHealth = (settings: Record<string, string>) => runMain(["--healthcheck"], settings);

/** Starts a server that reads requests and responds with this text, if any, and returns its port. */
async function startOtherServer(response: string): Promise<string> {
  const server = createServer((socket) => {
    onTestFinished(() => void socket.destroy());
    socket.once("data", () => response !== "" && socket.end(response));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return String((server.address() as AddressInfo).port);
}

test.for(["127.0.0.1", "::1", "0.0.0.0", "::"])("succeeds while a server listens on %s", async (HOST) => {
  const { port } = await startProcess({ HOST, USERS_AUTH: "none" });
  expect(await checkHealth({ HOST, PORT: String(port) })).toEqual({ exitCode: 0, stdout: "", stderr: "" });
});

test("fails with one line if no server listens", async () => {
  const PORT = String(await freePort());
  expect(await checkHealth({ HOST: "::", PORT })).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: `user-management: http://[::1]:${PORT}/healthz is unavailable: ECONNREFUSED\n`,
  });
});

test.for([
  ["sends no response", "", "is unavailable: no response within 2 seconds"],
  ["sends no HTTP", "hello\r\n\r\n", "is unavailable: HPE_INVALID_CONSTANT"],
  ["is unavailable", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "returned 503"],
])("fails with one line if the server %s", async ([, response, message]) => {
  const PORT = await startOtherServer(response!);
  const stderr = `user-management: http://127.0.0.1:${PORT}/healthz ${message}\n`;
  expect(await checkHealth({ PORT })).toEqual({ exitCode: 1, stdout: "", stderr });
});

test("fails with one line if the port is not configured, or a setting is invalid", async () => {
  const [port, setting] = await Promise.all([checkHealth({ PORT: "0" }), checkHealth({ PORT: "a" })]);
  expect(port).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^user-management: the port .*\n$/) });
  expect(setting).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^user-management: PORT must be .*\n$/) });
});

test("an unknown argument is an invalid command line", async () => {
  const results = await Promise.all([["--unknown"], ["argument"], ["--healthcheck=yes"]].map((args) => runMain(args)));
  const stderr = "user-management: unknown argument; the options are --help and --healthcheck\n";
  for (const result of results) expect(result).toEqual({ exitCode: 2, stdout: "", stderr });
});
