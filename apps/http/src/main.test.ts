import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createTestClient, newUserBody, readJson, type TestClient } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { openConnection, parseResponses } from "./testing/raw-connection.ts";
import { freePort, runFailingStart, startProcess, temporaryFolder } from "./testing/start-process.ts";

function connectTo({ url }: { readonly url: string }): TestClient {
  return createTestClient((path, init) => fetch(url + path, init));
}

/** Formats the head of a `POST` request with this body. */
function formatPost(body: string): string {
  return `POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
}

test("logs its URL, its store and how to stop it in one record", async () => {
  const path = join(temporaryFolder(), "users.db");
  const { log, port } = await startProcess({ SQLITE_PATH: path });
  expect(log.filter(({ level }) => level === "info")).toEqual([
    {
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      msg: `listening on http://127.0.0.1:${port}, users in SQLite file ${path}; pages at /admin and /docs; stop with Ctrl-C or SIGTERM`,
    },
  ]);
});

test("serves the life cycle of a user as the original service does", async () => {
  const { request, createUser, getUser, sendJson } = connectTo(await startProcess());
  const user = newUserBody();
  const id = await createUser(user);
  expect(await getUser(id)).toEqual({ user_id: id, ...user });
  const updated = await sendJson("PUT", `/users/${id}`, { address: "456 Another St, New City" });
  expect(await readJson(updated)).toEqual({ message: "User updated" });
  expect(await getUser(id)).toEqual({ user_id: id, ...user, address: "456 Another St, New City" });
  expect(await readJson(await request(`/users/${id}`, { method: "DELETE" }))).toEqual({ message: "User deleted" });
  expect((await request(`/users/${id}`)).status).toBe(404);
});

test.for(["SIGTERM", "SIGKILL"] as const)("keeps the users when %s ends the process", async (signal) => {
  const SQLITE_PATH = join(temporaryFolder(), "folder", "users.db");
  const first = await startProcess({ SQLITE_PATH });
  const ids = await Promise.all(Array.from({ length: 50 }, () => connectTo(first).createUser()));
  first.child.kill(signal);
  expect(await first.ended).toBe(signal === "SIGTERM" ? 0 : signal);
  const { getUser } = connectTo(await startProcess({ SQLITE_PATH }));
  for (const id of ids) expect(await getUser(id)).toHaveProperty("user_id", id);
});

test("logs one record for each request, without personal data", async () => {
  const server = await startProcess();
  const { createUser, sendJson, request } = connectTo(server);
  const secrets = { external_id: "secret-42", metadata: { "secret-name": "secret" } };
  const id = await createUser({ lastname: "Secretname", email: "secret@example.com", ...secrets });
  await sendJson("PUT", `/users/${id}`, { address: "secret street" }, { "x-request-id": "the-id" });
  await request("/users?email=secret@example.com");
  await request("/users?external_id=secret-42");
  await request("/users/secret");
  server.child.kill("SIGTERM");
  await server.ended;
  const records = server.log.filter(({ msg }) => msg === "request");
  expect(records).toHaveLength(5);
  expect(records[1]).toEqual({
    level: "info",
    time: expect.any(String),
    method: "PUT",
    route: "/users/:id",
    status: 200,
    duration_ms: expect.any(Number),
    bytes: 26,
    auth: "none",
    request_id: "the-id",
    msg: "request",
  });
  expect(JSON.stringify(server.log)).not.toMatch(/secret|Doe|Main St/i);
});

test("stores only a digest of an idempotency key", async () => {
  const SQLITE_PATH = join(temporaryFolder(), "users.db");
  const server = await startProcess({ SQLITE_PATH });
  const headers = { "idempotency-key": "the secret key" };
  expect((await connectTo(server).sendJson("POST", "/users", newUserBody(), headers)).status).toBe(201);
  server.child.kill("SIGTERM");
  await server.ended;
  const stored = readFileSync(SQLITE_PATH, "latin1");
  expect(stored).toContain("Main St");
  expect(stored).not.toContain("the secret key");
});

test.for(["SIGTERM", "SIGINT"] as const)("exits with code 0 within 2 seconds of %s if it is idle", async (signal) => {
  const { child, ended, url, log } = await startProcess();
  await fetch(`${url}/healthz`); // leaves a connection open
  const started = performance.now();
  child.kill(signal);
  expect(await ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(log.at(-1)).toMatchObject({ msg: "stopped" });
});

test("is not ready while it drains, and responds to a request that has begun", async () => {
  const { child, ended, port, url } = await startProcess();
  const body = JSON.stringify(newUserBody());
  const begun = await openConnection(port);
  begun.write(formatPost(body) + body.slice(0, 10));
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
  const [response] = parseResponses(await text(begun));
  expect(response?.status).toBe(201);
  expect(response?.headers.get("connection")).toBe("close");
  expect(await ended).toBe(0);
});

test("exits within 10 seconds of the signal although a request never completes", { timeout: 15_000 }, async () => {
  const { child, ended, port, url } = await startProcess();
  const begun = await openConnection(port);
  begun.on("error", () => undefined);
  begun.write(`${formatPost("x".repeat(100))}x`);
  await fetch(`${url}/healthz`);
  const started = performance.now();
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(10_000);
});

// A busy machine delays a process by more than the difference that matters, but hardly three of them.
test(
  "listens on the address that Lambda sets for a web function, and exits within 800 ms of the signal",
  { timeout: 15_000 },
  async () => {
    const durationsMs: number[] = [];
    for (let run = 1; run <= 3; run += 1) {
      const port = await freePort();
      const settings = { AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${port}`, PORT: "1", USERS_AUTH: "none" };
      const { child, ended, url } = await startProcess(settings);
      expect(url).toBe(`http://127.0.0.1:${port}`);
      const begun = await openConnection(port);
      begun.on("error", () => undefined);
      begun.write(`${formatPost("x".repeat(100))}x`);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      const started = performance.now();
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
      durationsMs.push(performance.now() - started);
    }
    expect(Math.min(...durationsMs)).toBeLessThan(800);
  },
);

test("ends immediately on a second signal", async () => {
  const { child, ended, port, url } = await startProcess();
  const begun = await openConnection(port);
  begun.write(`${formatPost("x".repeat(100))}x`);
  await fetch(`${url}/healthz`);
  child.kill("SIGTERM");
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
  const started = performance.now();
  child.kill("SIGINT");
  expect(await ended).toBe("SIGINT");
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("exits with one line on standard error if it cannot start", async () => {
  const { port } = await startProcess();
  const notes = join(temporaryFolder(), "notes.txt");
  writeFileSync(notes, "buy milk");
  for (const [settings, line] of [
    [{ PORT: "http" }, "PORT must be a whole number from 0 to 65535"],
    [{ USERS_STORE: "mysql" }, "USERS_STORE must be sqlite or dynamodb"],
    [{ USERS_STORE: "dynamodb" }, "AWS_REGION is not set, and no AWS profile contains a region"],
    [{ USERS_TABEL: "x" }, "USERS_TABEL is not a setting"],
    [{ SQLITE_PATH: notes }, `Cannot use ${notes} as the user database: it is not a SQLite database`],
    [
      { PORT: String(port), SQLITE_PATH: join(temporaryFolder(), "users.db") },
      `cannot listen on 127.0.0.1:${port}: the port is in use; set PORT to another one`,
    ],
  ] as const) {
    expect(await runFailingStart(settings)).toEqual({ exitCode: 1, message: `user-management: ${line}\n` });
  }
  expect(existsSync(notes)).toBe(true);
});

test("returns 503 without details if the SQLite file is locked, and logs the cause", async () => {
  const path = join(temporaryFolder(), "users.db");
  const server = await startProcess({ SQLITE_PATH: path });
  const { request, createUser } = connectTo(server);
  await createUser();
  const { DatabaseSync } = await import("node:sqlite");
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const response = await request("/users/x", { method: "DELETE" });
  other.exec("ROLLBACK");
  other.close();
  expect(response.status).toBe(503);
  expect(await response.text()).not.toMatch(/SQLITE|database|locked/i);
  expect((await request("/users/x", { method: "DELETE" })).status).toBe(404);
  server.child.kill("SIGTERM");
  await server.ended;
  const record = server.log.find(({ level }) => level === "error");
  expect(record).toMatchObject({ status: 503, route: "/users/:id" });
  expect(JSON.stringify(record?.["err"])).toMatch(/database is locked/);
  expect(JSON.stringify(record?.["err"])).toMatch(/write-queue\.ts/);
});
