import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, createReadStream, openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createLogDestination } from "./log.ts";
import { HOST, parseResponses, sendBytes } from "./testing/raw-connection.ts";
import { startProcess, startProcessWithoutLog, temporaryFolder, type ServerProcess } from "./testing/start-process.ts";

/** Sends this many requests, each of which is logged with about 200 bytes. */
async function sendRequests({ port }: Pick<ServerProcess, "port">, count: number): Promise<void> {
  const request = `GET /healthz HTTP/1.1\r\n${HOST}`;
  const bytes = `${request}\r\n`.repeat(count - 1) + `${request}Connection: close\r\n\r\n`;
  expect(parseResponses(await sendBytes(port, bytes))).toHaveLength(count);
}

test("logs nothing below LOG_LEVEL", async () => {
  const { child, ended, url } = await startProcessWithoutLog({ LOG_LEVEL: "error" });
  const output = text(child.stdout!);
  expect((await fetch(`${url}/users`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(await output).toBe("");
});

test("logs bytes that are not a request as a request without method", async () => {
  const server = await startProcess();
  await sendBytes(server.port, "hello\r\n\r\n");
  server.child.kill("SIGTERM");
  await server.ended;
  expect(server.log).toContainEqual(expect.objectContaining({ msg: "request", method: "-", route: "/*", status: 400 }));
});

test("writes the first record of a turn at once, and those that follow it together", async () => {
  const writes: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      writes.push(String(chunk));
      done();
    },
  });
  const destination = createLogDestination(stream, { onRecover: () => undefined });
  for (const turn of [1, 2]) {
    for (const record of ["a", "b", "c"]) destination.write(`${record}${turn}\n`);
    expect(writes.at(-1)).toBe(`a${turn}\n`);
    await nextTurn();
  }
  expect(writes).toEqual(["a1\n", "b1\nc1\n", "a2\n", "b2\nc2\n"]);
});

test.for([
  ["process.exit", "process.exit(7);"],
  ["an uncaught error", 'throw new Error("unexpected");'],
  ["the end of its work", ""],
] as const)("writes all records of the last turn before %s ends the process", async ([, end]) => {
  const program = `
    import { createLog } from ${JSON.stringify(new URL("log.ts", import.meta.url))};
    const log = await createLog("info");
    for (let n = 1; n <= 100; n += 1) log.info("record " + n);
    ${end}`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  const messages = stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(messages).toEqual(Array.from({ length: 100 }, (_, n) => `record ${n + 1}`));
});

test("keeps serving if standard output is a full disk", async () => {
  const full = openSync("/dev/full", "w");
  const { child, ended, url } = await startProcessWithoutLog({}, full);
  closeSync(full);
  for (let n = 0; n < 20; n += 1) expect((await fetch(`${url}/users`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});

test("keeps serving if the reader of standard output is gone", async () => {
  const { child, ended, url } = await startProcessWithoutLog();
  child.stdout!.destroy();
  for (let n = 0; n < 20; n += 1) expect((await fetch(`${url}/users`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});

test("drops the records that exceed the backlog of a stalled reader, and reports their number when it reads", async () => {
  const server = await startProcessWithoutLog();
  await sendRequests(server, 12_000);
  const records: Record<string, unknown>[] = [];
  createInterface(server.child.stdout!).on("line", (line) => records.push(JSON.parse(line)));
  const report = () => records.find(({ msg }) => msg === "log records were dropped");
  await expect.poll(report).toMatchObject({ level: "error", dropped_records: expect.any(Number) });
  const requests = () => records.filter(({ msg }) => msg === "request").length;
  expect(requests() + Number(report()?.["dropped_records"])).toBe(12_001); // and the one of startProcessWithoutLog
  expect(JSON.stringify(records).length).toBeLessThan(2_000_000);
  const logged = requests();
  await sendRequests(server, 10);
  await expect.poll(requests).toBe(logged + 10);
  expect(records.filter(({ msg }) => msg === "log records were dropped")).toHaveLength(1);
});

test("writes all records before the process exits if the reader is late but within the backlog", async () => {
  const server = await startProcessWithoutLog();
  await sendRequests(server, 3_000);
  server.child.kill("SIGTERM");
  await expect.poll(() => fetch(server.url).then(String, ({ cause }) => String(cause))).toMatch(/ECONNREFUSED/);
  const lines = (await text(server.child.stdout!)).trimEnd().split("\n");
  expect(await server.ended).toBe(0);
  const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(messages.filter((message) => message === "request").length).toBeGreaterThanOrEqual(3_001);
  expect(messages).not.toContain("log records were dropped");
  expect(messages.at(-1)).toBe("stopped");
});

test("exits within 10 seconds of the signal although the reader is stalled", async () => {
  const server = await startProcessWithoutLog();
  await sendRequests(server, 12_000);
  const started = performance.now();
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("reports the number of failed writes after the next successful write", async () => {
  const fifo = join(temporaryFolder(), "log");
  execFileSync("mkfifo", [fifo]);
  const firstReader = openSync(fifo, "r+");
  const stdout = openSync(fifo, "w");
  const { url } = await startProcessWithoutLog({}, stdout);
  closeSync(stdout);
  closeSync(firstReader);
  for (let n = 0; n < 5; n += 1) await fetch(`${url}/users`);
  const reader = createReadStream(fifo);
  await once(reader, "open");
  await fetch(`${url}/users`);
  for await (const line of createInterface(reader)) {
    const record = JSON.parse(line) as Record<string, unknown>;
    if (record["msg"] !== "log records were dropped") continue;
    expect(record).toMatchObject({ level: "error", dropped_records: 5 });
    break;
  }
});
