import { resolveHost } from "../server/listen-address.ts";
import type { Settings } from "../settings.ts";
import type { Metrics } from "./create-metrics.ts";
import type { MetricsServer, MetricsServerOptions } from "./metrics-server.ts";

export interface OpenMetrics {
  readonly metrics: Metrics;
  /** @throws StartError if the server of the metrics cannot listen */
  readonly listen: (options: Pick<MetricsServerOptions, "checkReadiness" | "onError">) => Promise<MetricsServer>;
}

/**
 * Creates the metrics and resolves the address of their server; returns `undefined` without `METRICS_PORT`. The library
 * is imported on demand, so that it does not delay a start without metrics.
 *
 * @throws StartError if the host name cannot be resolved
 */
export async function openMetrics(
  settings: Pick<Settings, "USERS_STORE" | "METRICS_HOST" | "METRICS_PORT">,
): Promise<OpenMetrics | undefined> {
  const { USERS_STORE, METRICS_HOST, METRICS_PORT: port } = settings;
  if (port === undefined) return undefined;
  const { createMetrics } = await import("./create-metrics.ts");
  const { startMetricsServer, METRICS_SETTINGS } = await import("./metrics-server.ts");
  const host = await resolveHost(METRICS_HOST, port, METRICS_SETTINGS);
  const metrics = createMetrics(USERS_STORE);
  return { metrics, listen: (options) => startMetricsServer({ ...options, host, port, metrics }) };
}
