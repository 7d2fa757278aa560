import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startTestApplication } from "@user-management/http/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { parse } from "yaml";
import { readDocument, REPOSITORY_ROOT } from "../documents/read-document.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Case {
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const folder = join(REPOSITORY_ROOT, "observability");
const readText = (name: string) => readFileSync(join(folder, name), "utf8");
const promtool = (...parameters: string[]) =>
  execFileSync("promtool", parameters, { cwd: folder, encoding: "utf8", stdio: "pipe" });

const rules = (parse(readText("alerts.yaml")) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const cases = (parse(readText("alerts.test.yaml")) as { tests: Case[] }).tests.flatMap((item) => item.alert_rule_test);
const dashboard = JSON.parse(readText("dashboard.json")) as { panels: Panel[] };
const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** The types of all metrics of both stores, by name. */
async function readMetricTypes(): Promise<Map<string, string>> {
  const types = new Map<string, string>();
  vi.stubEnv("AWS_REGION", "local");
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9");
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const settings of [{}, { USERS_STORE: "dynamodb", USERS_AUTH: "none" }]) {
    const { metricsUrl, stop } = await startTestApplication({ METRICS_PORT: "0", ...settings });
    onTestFinished(stop);
    const text = await (await fetch(`${metricsUrl}/metrics`)).text();
    for (const [, name, type] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm)) types.set(name!, type!);
  }
  return types;
}

/** Returns the names of the metrics in texts, without the endings of histograms. */
function listMetrics(texts: readonly string[]): Set<string> {
  const names = texts.flatMap((text) => [...text.matchAll(/\b(?:users|http_server|nodejs|process)_[a-z_0-9]+/g)]);
  return new Set(
    names
      .map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ""))
      .filter((name) => !/^nodejs_eventloop_state$/.test(name)),
  );
}

test("`promtool` accepts the rules and the configuration, and every case has the expected alerts", () => {
  expect(promtool("check", "rules", "alerts.yaml")).toContain(`SUCCESS: ${rules.length} rules found`);
  expect(promtool("check", "config", "prometheus.yaml")).toContain("SUCCESS");
  expect(promtool("test", "rules", "alerts.test.yaml")).toContain("SUCCESS");
}, 60_000);

test("every alert has a case in which it fires, one in which it is silent, a severity and an entry of the runbook", () => {
  const headings = [...readDocument("docs/monitoring.md").matchAll(/^#### (\w+)$/gm)].map(([, name]) => name);
  expect(headings).toEqual(rules.map(({ alert }) => alert));
  for (const { alert, labels, annotations } of rules) {
    const counts = cases.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length);
    expect(
      counts.some((count) => count > 0),
      `${alert} fires`,
    ).toBe(true);
    expect(counts.includes(0), `${alert} is silent`).toBe(true);
    expect(["page", "ticket"]).toContain(labels.severity);
    expect(annotations.runbook).toBe(`docs/monitoring.md#${alert.toLowerCase()}`);
  }
});

test("every metric of an alert, of the dashboard and of the document exists, and every metric of ours is documented", async () => {
  const types = await readMetricTypes();
  const document = readDocument("docs/monitoring.md");
  const documented = listMetrics([...document.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!));
  const used = listMetrics([...rules.map(({ expr }) => expr), ...queries]);
  for (const name of [...documented, ...used]) expect([...types.keys()], name).toContain(name);
  const ours = [...types.keys()].filter((name) => /^(?:users|http_server)_|^nodejs_eventloop_time/.test(name));
  for (const name of ours) expect([...documented], name).toContain(name);
  for (const name of ours) expect([...used], `${name} is used`).toContain(name);
});
