import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createTestClient, newUserBody } from "@user-management/rest-adapter/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { createKey } from "../testing/create-key.ts";
import { HOST, openConnection, sendBytes } from "../testing/raw-connection.ts";
import { scrape, sumSamples } from "../testing/scrape.ts";
import { freePort, runFailingStart, startProcess, temporaryFolder } from "../testing/start-process.ts";
import { startTestApplication, type TestApplicationOptions } from "../testing/start-test-application.ts";

const isListening = (url: string) => fetch(`${url}/healthz`).then(Boolean, () => false);

const REQUESTS = "http_server_request_duration_seconds_count";

/** Starts the application with metrics on a free port. */
async function start(environment: Record<string, string> = {}, options: TestApplicationOptions = {}) {
  const application = await startTestApplication({ METRICS_PORT: "0", ...environment }, options);
  onTestFinished(application.stop);
  const { url, metricsUrl } = application;
  return {
    ...application,
    ...createTestClient((path, init) => fetch(url + path, init)),
    /** Returns the sum of the samples with this name and these labels in a new scrape. */
    sum: async (name: string, labels?: Record<string, string>) => sumSamples(await scrape(metricsUrl), name, labels),
  };
}

test("requests are counted by method, route pattern and status code", async () => {
  const { url, createUser, sendJson, request, metricsUrl } = await start();
  const id = await createUser();
  for (const path of [`/users/${id}`, "/users/unknown", "/users", "/healthz", "/docs", "/openapi.json"]) {
    await fetch(url + path);
  }
  await sendJson("PATCH", `/users/${id}`, { lastname: "Roe" });
  await request(`/users/${id}`, { method: "DELETE" });
  const counts = (await scrape(metricsUrl))
    .filter(({ name }) => name === REQUESTS)
    .map(({ labels, value }) => `${Object.values(labels).join(" ")}: ${value}`);
  expect(counts.toSorted()).toEqual(
    [
      "DELETE /users/:id 200: 1",
      "GET /docs 200: 1",
      "GET /healthz 200: 1",
      "GET /openapi.json 200: 1",
      "GET /users 200: 1",
      "GET /users/:id 200: 1",
      "GET /users/:id 404: 1",
      "PATCH /users/:id 200: 1",
      "POST /users 201: 1",
    ].toSorted(),
  );
});

test("malformed and late requests are counted, although they never reach the application", async () => {
  const timeouts = { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 };
  const { port, sum } = await start({}, { timeouts });
  await sendBytes(port, "hello\r\n\r\n");
  await sendBytes(port, `GET /healthz HTTP/1.1\r\n${HOST}`);
  for (const status of ["400", "408"]) {
    const labels = { http_request_method: "_OTHER", http_route: "/*", http_response_status_code: status };
    expect(await sum(REQUESTS, labels), status).toBe(1);
  }
});

test("200 hostile paths and methods add two series, and no personal data", async () => {
  const { url, port, metricsUrl, createUser } = await start();
  await createUser({ ...newUserBody(), lastname: "Secretname", email: "secret@example.com" });
  await fetch(`${url}/users?email=secret@example.com`);
  const before = (await scrape(metricsUrl)).length;
  for (let n = 0; n < 100; n += 1) {
    await fetch(`${url}/secret${n}/x"}\n${n}?secret=${n}`);
    await sendBytes(
      port,
      `X${n.toString(36).toUpperCase()} /users/secret${n} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
    );
  }
  const samples = await scrape(metricsUrl);
  const bucketsOfSeries = 17 + 3; // the buckets, `+Inf`, the sum and the count
  expect(samples.length - before).toBe(2 * bucketsOfSeries);
  expect(sumSamples(samples, REQUESTS, { http_route: "/*" })).toBe(200);
  expect(JSON.stringify(samples)).not.toMatch(/secret|Main St/i);
});

test("requests in progress are counted", async () => {
  const { port, sum } = await start();
  const socket = await openConnection(port);
  socket.write(`POST /users HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`);
  await expect.poll(() => sum("http_server_active_requests")).toBe(1);
  socket.destroy();
  await expect.poll(() => sum("http_server_active_requests")).toBe(0);
});

test("rejected credentials are counted by reason, and the age of the list of keys is known", async () => {
  let expired = "";
  const { request, sum } = await start(
    {},
    {
      prepare: async ({ keys }) =>
        ({ key: expired } = await createKey(keys, { expires_at: new Date(Date.now() + 1_000).toISOString() })),
    },
  );
  const send = (key: string) => request("/users", { headers: { authorization: `Bearer ${key}` } });
  await expect.poll(async () => (await send(expired)).status, { timeout: 5_000 }).toBe(401);
  await request("/users");
  await send("invalid");
  await send("invalid");
  const counts = { missing: 1, invalid: 2, expired: 1 };
  for (const [reason, count] of Object.entries(counts)) {
    expect(await sum("users_rejected_credentials_total", { reason }), reason).toBe(count);
  }
  expect(await sum("users_api_key_list_age_seconds")).toBeGreaterThan(0);
});

test("the age of the list of keys is absent if no list is read", async () => {
  const { metricsUrl } = await start({ USERS_AUTH: "none" });
  expect((await scrape(metricsUrl)).map(({ name }) => name)).not.toContain("users_api_key_list_age_seconds");
});

test("writes that wait for the lock of the SQLite file show their number and age; commits show their size", async () => {
  const { path, sendJson, sum } = await start();
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const writes = [1, 2, 3].map((n) => sendJson("POST", "/users", newUserBody({ email: `john.doe.${n}@example.com` })));
  await expect.poll(() => sum("users_sqlite_write_queue_length")).toBe(3);
  await expect.poll(() => sum("users_sqlite_write_queue_oldest_age_seconds")).toBeGreaterThan(0.2);
  other.exec("ROLLBACK");
  for (const response of await Promise.all(writes)) expect(response.status).toBe(201);
  expect(await sum("users_sqlite_write_queue_length")).toBe(0);
  expect(await sum("users_sqlite_write_queue_oldest_age_seconds")).toBe(0);
  expect(await sum("users_sqlite_write_batch_size_sum")).toBe(3);
  expect(await sum("users_sqlite_commit_duration_seconds_count")).toBeLessThanOrEqual(3);
  expect(await sum("users_sqlite_commit_duration_seconds_sum")).toBeGreaterThan(0);
});

test("the build and the utilization of the event loop are known", async () => {
  const { sum } = await start();
  expect(await sum("users_build_info", { store: "sqlite", node_version: process.versions.node })).toBe(1);
  expect(await sum("nodejs_eventloop_time_seconds_total", { nodejs_eventloop_state: "active" })).toBeGreaterThan(0);
});

test("`promtool check metrics` reports nothing", async () => {
  const { metricsUrl, createUser } = await start();
  await createUser();
  const input = await (await fetch(`${metricsUrl}/metrics`)).text();
  expect(execFileSync("promtool", ["check", "metrics"], { input, encoding: "utf8", stdio: "pipe" })).toBe("");
});

describe("the server of the metrics", () => {
  test("serves the metrics and both health checks to GET and HEAD, and nothing of the API", async () => {
    const { metricsUrl, log, sum } = await start();
    const metrics = await fetch(`${metricsUrl}/metrics`);
    expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    for (const path of ["/healthz", "/readyz"]) {
      const response = await fetch(metricsUrl + path);
      expect([response.status, await response.text()]).toEqual([200, '{"status":"ok"}']);
    }
    expect((await fetch(`${metricsUrl}/metrics`, { method: "HEAD" })).status).toBe(200);
    expect((await fetch(`${metricsUrl}/users`)).status).toBe(404);
    const post = await fetch(`${metricsUrl}/metrics`, { method: "POST" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await sum(REQUESTS)).toBe(0);
    expect(log.filter(({ msg }) => msg === "request")).toEqual([]);
  });

  test("is not part of the API", async () => {
    const { request } = await start();
    expect((await request("/metrics")).status).toBe(404);
  });

  test("is absent without METRICS_PORT", async () => {
    const application = await startTestApplication();
    onTestFinished(application.stop);
    expect(application.metricsUrl).toBe("");
  });

  test("serves until the last response of a graceful shutdown, and is not ready", async () => {
    const METRICS_PORT = String(await freePort());
    const metricsUrl = `http://127.0.0.1:${METRICS_PORT}`;
    const { child, ended, port, url, log } = await startProcess({ METRICS_PORT });
    await expect.poll(() => log).toContainEqual(expect.objectContaining({ msg: `metrics on ${metricsUrl}/metrics` }));
    expect((await fetch(`${metricsUrl}/readyz`)).status).toBe(200);
    const body = JSON.stringify(newUserBody());
    const begun = await openConnection(port);
    begun.write(
      `POST /users HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n{`,
    );
    await expect.poll(async () => sumSamples(await scrape(metricsUrl), "http_server_active_requests")).toBe(1);
    child.kill("SIGTERM");
    await expect.poll(async () => (await fetch(`${metricsUrl}/readyz`)).status).toBe(503);
    await expect.poll(() => isListening(url), { timeout: 5_000 }).toBe(false);
    expect(sumSamples(await scrape(metricsUrl), "http_server_active_requests")).toBe(1);
    expect((await fetch(`${metricsUrl}/healthz`)).status).toBe(200);
    begun.write(body.slice(1));
    expect(await ended).toBe(0);
    expect(await isListening(metricsUrl)).toBe(false);
  });

  test("stops the start with one line if its port is in use, or is that of the API", async () => {
    const { port } = await startProcess();
    const SQLITE_PATH = join(temporaryFolder(), "users.db");
    const inUse = `cannot listen on 127.0.0.1:${port}: the port is in use; set METRICS_PORT to another one`;
    for (const [settings, line] of [
      [{ METRICS_PORT: String(port) }, inUse],
      [
        { METRICS_PORT: "5000", PORT: "5000" },
        "METRICS_PORT must not be PORT: clients of the API must not read the metrics",
      ],
      [{ METRICS_PORT: "http" }, "METRICS_PORT must be a whole number from 0 to 65535"],
    ] as const) {
      expect(await runFailingStart({ PORT: "0", SQLITE_PATH, ...settings })).toEqual({
        exitCode: 1,
        message: `user-management: ${line}\n`,
      });
    }
  });
});
