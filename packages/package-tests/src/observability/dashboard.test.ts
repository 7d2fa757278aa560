import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createUsersTable, startDynamo } from "@user-management/dynamo-adapter/testing";
import { freePort, startTestApplication, temporaryFolder } from "@user-management/http/testing";
import { createTestClient, newUserBody } from "@user-management/rest-adapter/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { REPOSITORY_ROOT } from "../documents/read-document.ts";

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}

/** Starts the application with metrics, and returns the URL of the API and the address that Prometheus scrapes. */
async function startServer(settings: Record<string, string>): Promise<{ url: string; target: string }> {
  const { url, metricsUrl, stop } = await startTestApplication({ METRICS_PORT: "0", ...settings });
  onTestFinished(stop);
  return { url, target: new URL(metricsUrl).host };
}

/** Starts Prometheus, which scrapes the targets as the job `users` every second, and returns its URL. */
async function startPrometheus(targets: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  const port = await freePort();
  const scrapeConfig = { job_name: "users", static_configs: [{ targets }] };
  // JSON is valid YAML.
  const configuration = { global: { scrape_interval: "1s" }, scrape_configs: [scrapeConfig] };
  writeFileSync(join(folder, "prometheus.yaml"), JSON.stringify(configuration));
  const parameters = [
    `--config.file=${folder}/prometheus.yaml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const prometheus = spawn("prometheus", parameters, { stdio: "ignore" });
  onTestFinished(async () => {
    const closed = new Promise((resolve) => prometheus.once("close", resolve));
    prometheus.kill("SIGKILL");
    await closed;
  });
  return `http://127.0.0.1:${port}`;
}

/** Sends requests of every kind, with responses of several status codes. */
async function sendLoad(url: string): Promise<void> {
  const { sendJson, request, createUser, getUser } = createTestClient((path, init) => fetch(url + path, init));
  const user = newUserBody();
  const id = await createUser(user);
  await Promise.all([getUser(id), getUser(id), request("/users"), request("/users/unknown")]);
  await sendJson("PATCH", `/users/${id}`, { lastname: "Roe" });
  await sendJson("POST", "/users", user); // 409
}

test(
  "every query of the dashboard has data of servers under load, one on each store",
  { timeout: 90_000 },
  async () => {
    const dynamo = await startDynamo();
    onTestFinished(dynamo.stop);
    const { tableName } = await createUsersTable(dynamo);
    vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", dynamo.endpoint);
    for (const name of ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, "local");
    onTestFinished(() => void vi.unstubAllEnvs());
    const servers = [await startServer({}), await startServer({ USERS_STORE: "dynamodb", USERS_TABLE: tableName })];
    const prometheusUrl = await startPrometheus(servers.map(({ target }) => target));

    const text = readFileSync(join(REPOSITORY_ROOT, "observability/dashboard.json"), "utf8");
    const queries = (JSON.parse(text) as Dashboard).panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ title, expr })),
    );
    expect(queries.length).toBeGreaterThan(20);

    /** Returns the titles of the panels with a query without data. */
    async function listPanelsWithoutData(): Promise<string[]> {
      const titles = await Promise.all(
        queries.map(async ({ title, expr }) => {
          const query = expr
            .replaceAll("$job", "users")
            .replaceAll("$instance", ".*")
            .replaceAll("$__rate_interval", "5s");
          const response = await fetch(`${prometheusUrl}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
          const { status, data } = (await response.json()) as {
            status: string;
            data?: { result: { value: [number, string] }[] };
          };
          if (status !== "success") return `${title}: the query is invalid`;
          return data!.result.some(({ value }) => value[1] !== "NaN") ? [] : title;
        }),
      );
      return titles.flat();
    }

    await expect
      .poll(
        async () => {
          await Promise.all(servers.map(({ url }) => sendLoad(url)));
          return listPanelsWithoutData().catch(String);
        },
        { timeout: 30_000, interval: 200 },
      )
      .toEqual([]);
  },
);
