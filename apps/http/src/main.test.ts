import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createClient, json, newUser, type Client } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { answersIn, answerTo, openConnection } from "./testing/raw-connection.ts";
import {
  freePort,
  refusalToStart,
  startProcess,
  startUnheard,
  temporaryFolder,
  type ServerProcess,
} from "./testing/start-process.ts";

const clientOf = ({ url }: ServerProcess): Client => createClient((path, init) => fetch(url + path, init));

/** The request head of a POST of this body. */
function head(body: string): string {
  return `POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
}

test("one line says where it listens, which store it has, and how to stop it", async () => {
  const path = join(temporaryFolder(), "users.db");
  const { log, port } = await startProcess({ SQLITE_PATH: path });
  expect(log).toEqual([
    {
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      msg: `listening on http://127.0.0.1:${port}, users in SQLite file ${path}; stop with Ctrl-C or SIGTERM`,
    },
  ]);
});

test("the original's life of a user, from curl to curl", async () => {
  const { ask, create, read, send } = clientOf(await startProcess());
  const user = newUser();
  const id = await create(user);
  expect(await read(id)).toEqual({ user_id: id, ...user });
  const changed = await send("PUT", `/users/${id}`, { address: "456 Another St, New City" });
  expect(await json(changed)).toEqual({ message: "User updated" });
  expect(await read(id)).toEqual({ user_id: id, ...user, address: "456 Another St, New City" });
  expect(await json(await ask(`/users/${id}`, { method: "DELETE" }))).toEqual({ message: "User deleted" });
  expect((await ask(`/users/${id}`)).status).toBe(404);
});

test.for(["SIGTERM", "SIGKILL"] as const)("users are kept when %s ends the process", async (signal) => {
  const SQLITE_PATH = join(temporaryFolder(), "folder", "users.db");
  const first = await startProcess({ SQLITE_PATH });
  const ids = await Promise.all(Array.from({ length: 50 }, () => clientOf(first).create()));
  first.child.kill(signal);
  expect(await first.ended).toBe(signal === "SIGTERM" ? 0 : signal);
  const { read } = clientOf(await startProcess({ SQLITE_PATH }));
  for (const id of ids) expect(await read(id)).toHaveProperty("user_id", id);
});

test("one line tells of each request, and nothing of its user", async () => {
  const server = await startProcess();
  const { create, send, ask } = clientOf(server);
  const id = await create({ lastname: "Secretname", email: "secret@example.com" });
  await send("PUT", `/users/${id}`, { address: "secret street" }, { "x-request-id": "the-id" });
  await ask("/users?email=secret@example.com");
  await ask("/users/secret");
  server.child.kill("SIGTERM");
  await server.ended;
  const lines = server.log.filter(({ msg }) => msg === "request");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toEqual({
    level: "info",
    time: expect.any(String),
    method: "PUT",
    route: "/users/:id",
    status: 200,
    duration_ms: expect.any(Number),
    bytes: 26,
    request_id: "the-id",
    msg: "request",
  });
  expect(JSON.stringify(server.log)).not.toMatch(/secret|Doe|Main St/i);
});

test("a quieter level logs less", async () => {
  const { child, ended, url } = await startUnheard({ LOG_LEVEL: "error" }, "pipe");
  const logged = text(child.stdout!);
  expect((await fetch(`${url}/users`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(await logged).toBe("");
});

test("a log that cannot be written does not end the service", async () => {
  const full = openSync("/dev/full", "w");
  const { child, ended, url } = await startUnheard({}, full);
  closeSync(full);
  for (let n = 0; n < 20; n += 1) expect((await fetch(`${url}/users`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});

test("bytes that are no request are told in the log too", async () => {
  const server = await startProcess();
  await answerTo(server.port, "hello\r\n\r\n");
  server.child.kill("SIGTERM");
  await server.ended;
  expect(server.log).toContainEqual(expect.objectContaining({ msg: "request", method: "-", route: "/*", status: 400 }));
});

test("an idempotency key is kept as a digest alone", async () => {
  const SQLITE_PATH = join(temporaryFolder(), "users.db");
  const server = await startProcess({ SQLITE_PATH });
  const headers = { "idempotency-key": "the secret key" };
  expect((await clientOf(server).send("POST", "/users", newUser(), headers)).status).toBe(201);
  server.child.kill("SIGTERM");
  await server.ended;
  const stored = readFileSync(SQLITE_PATH, "latin1");
  expect(stored).toContain("Main St");
  expect(stored).not.toContain("the secret key");
});

test.for(["SIGTERM", "SIGINT"] as const)("%s ends an idle process with code 0 within 2 seconds", async (signal) => {
  const { child, ended, url, log } = await startProcess();
  await fetch(`${url}/healthz`); // leaves a connection open
  const started = performance.now();
  child.kill(signal);
  expect(await ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(log.at(-1)).toMatchObject({ msg: "stopped" });
});

test("while it drains it is not ready, and a request that has begun gets its answer", async () => {
  const { child, ended, port, url } = await startProcess();
  const body = JSON.stringify(newUser());
  const begun = await openConnection(port);
  begun.write(head(body) + body.slice(0, 10));
  await fetch(`${url}/healthz`);
  child.kill("SIGTERM");
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
  const late = await fetch(`${url}/users`);
  expect(late.status).toBe(200);
  expect(late.headers.get("connection")).toBe("close");
  await expect
    .poll(() =>
      fetch(`${url}/readyz`).then(
        () => "listening",
        () => "closed",
      ),
    )
    .toBe("closed");
  begun.write(body.slice(10));
  const [answer] = answersIn(await text(begun));
  expect(answer?.status).toBe(201);
  expect(answer?.headers.get("connection")).toBe("close");
  expect(await ended).toBe(0);
});

test("a request that never ends is ended after 10 seconds at most", { timeout: 15_000 }, async () => {
  const { child, ended, port, url } = await startProcess();
  const begun = await openConnection(port);
  begun.on("error", () => undefined);
  begun.write(`${head("x".repeat(100))}x`);
  await fetch(`${url}/healthz`);
  const started = performance.now();
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("as a Lambda Web Function it listens where it is told, and drains within 800 ms", async () => {
  const port = await freePort();
  const { child, ended, url } = await startProcess({ AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${port}`, PORT: "1" });
  expect(url).toBe(`http://127.0.0.1:${port}`);
  const begun = await openConnection(port);
  begun.on("error", () => undefined);
  begun.write(`${head("x".repeat(100))}x`);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const started = performance.now();
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(800);
});

test("a second signal ends it at once", async () => {
  const { child, ended, port, url } = await startProcess();
  const begun = await openConnection(port);
  begun.write(`${head("x".repeat(100))}x`);
  await fetch(`${url}/healthz`);
  child.kill("SIGTERM");
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
  const started = performance.now();
  child.kill("SIGINT");
  expect(await ended).toBe("SIGINT");
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("no request is cut off when the signal comes under load", async () => {
  const { child, ended, url } = await startProcess();
  const client = clientOf({ url } as ServerProcess);
  let answered = 0;
  let refused = 0;
  async function load(): Promise<void> {
    for (;;) {
      try {
        const response = await client.send("POST", "/users", newUser());
        expect(response.status).toBe(201);
        answered += 1;
      } catch (error) {
        // A connection that was refused, or ended before the request was sent, is safe to try elsewhere.
        expect(String((error as Error).cause)).toMatch(/ECONNREFUSED|other side closed|ECONNRESET/);
        refused += 1;
        return;
      }
    }
  }
  const clients = Array.from({ length: 16 }, load);
  await expect.poll(() => answered, { timeout: 10_000 }).toBeGreaterThan(200);
  child.kill("SIGTERM");
  await Promise.all(clients);
  expect(refused).toBe(16);
  expect(await ended).toBe(0);
});

test("what keeps it from starting is said in one line", async () => {
  const { port } = await startProcess();
  const notes = join(temporaryFolder(), "notes.txt");
  writeFileSync(notes, "remember the milk");
  for (const [settings, line] of [
    [{ PORT: "http" }, "PORT must be a whole number from 0 to 65535"],
    [{ USERS_STORE: "mysql" }, "USERS_STORE must be sqlite or dynamodb"],
    [{ USERS_STORE: "dynamodb" }, "AWS_REGION is not set, and no AWS profile names a region"],
    [{ USERS_TABEL: "x" }, "USERS_TABEL is not a setting"],
    [{ SQLITE_PATH: notes }, `${notes} cannot hold the users: it is not a SQLite database`],
    [
      { PORT: String(port), SQLITE_PATH: join(temporaryFolder(), "users.db") },
      `cannot listen on 127.0.0.1:${port}: the port is taken; set PORT to another one`,
    ],
  ] as const) {
    expect(await refusalToStart(settings)).toEqual({ code: 1, said: `user-management: ${line}\n` });
  }
  expect(existsSync(notes)).toBe(true);
});

test("a file that fails while it serves is logged with its cause, and the client is told no more than 503", async () => {
  const path = join(temporaryFolder(), "users.db");
  const server = await startProcess({ SQLITE_PATH: path });
  const { ask, create } = clientOf(server);
  await create();
  const { DatabaseSync } = await import("node:sqlite");
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const response = await ask("/users/x", { method: "DELETE" });
  other.exec("ROLLBACK");
  other.close();
  expect(response.status).toBe(503);
  expect(await response.text()).not.toMatch(/SQLITE|database|locked/i);
  expect((await ask("/users/x", { method: "DELETE" })).status).toBe(404);
  server.child.kill("SIGTERM");
  await server.ended;
  const line = server.log.find(({ level }) => level === "error");
  expect(line).toMatchObject({ status: 503, route: "/users/:id" });
  expect(JSON.stringify(line?.["err"])).toMatch(/database is locked/);
  expect(JSON.stringify(line?.["err"])).toMatch(/write-queue\.ts/);
});
