import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setInterval } from "node:timers";
import { EXAMPLE_FIELDS } from "@user-management/domain";
import { measureLoad, round, startMeasuredServer } from "./measured-server.ts";

/**
 * Measures the cost of metrics: this server on SQLite with and without `METRICS_PORT`. Short loads alternate, so that both
 * servers meet the same disturbances of the machine, and the medians of all pairs are compared. The metrics are scraped
 * every second. A run takes about 30 seconds.
 */
const PAIRS = 30;
const WARM_UP_PAIRS = 5;
const LOAD_REQUESTS = 2_500;
const CONNECTIONS = 32;
const SCRAPE_INTERVAL_MS = 1_000;
const METRICS_PORT = "49464";

interface Figures {
  readonly "requests/s": number;
  readonly "CPU µs/request": number;
}

const folder = mkdtempSync(join(tmpdir(), "users-bench-"));
const off = await startMeasuredServer("../src/main.ts", { SQLITE_PATH: join(folder, "off.db") });
const on = await startMeasuredServer("../src/main.ts", { SQLITE_PATH: join(folder, "on.db"), METRICS_PORT });
let series = 0;
const scrapes = setInterval(async () => {
  const text = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text();
  series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
}, SCRAPE_INTERVAL_MS);

const servers = { off, on };
const paths = { off: await createUser(off.url), on: await createUser(on.url) };
const figures: Record<keyof typeof servers, Figures[]> = { off: [], on: [] };
for (let pair = -WARM_UP_PAIRS; pair < PAIRS; pair += 1) {
  for (const name of pair % 2 === 0 ? (["off", "on"] as const) : (["on", "off"] as const)) {
    const measured = await measure(name);
    if (pair >= 0) figures[name].push(measured);
  }
}
clearInterval(scrapes);

for (const column of ["requests/s", "CPU µs/request"] as const) {
  const [offMedian, onMedian] = [figures.off, figures.on].map((list) => getMedian(list.map((row) => row[column])));
  const ratio = getMedian(figures.on.map((row, index) => row[column] / figures.off[index]![column]));
  console.log(`${column}: ${round(offMedian!, 1)} off, ${round(onMedian!, 1)} on, ratio ${round(ratio, 3)}`);
}
console.log(`series per scrape: ${series}`);
for (const { child } of [off, on]) child.kill("SIGKILL");
rmSync(folder, { recursive: true });

async function measure(name: keyof typeof servers): Promise<Figures> {
  const startedAt = performance.now();
  // autocannon ends a load at the end of a sample.
  const load = { connections: CONNECTIONS, sampleInt: 10, amount: LOAD_REQUESTS, requests: [{ path: paths[name] }] };
  const { "CPU µs/request": cpuUs } = await measureLoad(servers[name], load);
  return { "requests/s": LOAD_REQUESTS / ((performance.now() - startedAt) / 1_000), "CPU µs/request": cpuUs };
}

async function createUser(url: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/users`, { method: "POST", headers, body: JSON.stringify(EXAMPLE_FIELDS) });
  return response.headers.get("location")!;
}

function getMedian(values: number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle - 1)]! + sorted[Math.floor(middle)]!) / 2;
}
