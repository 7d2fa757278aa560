import { Gauge, Registry } from "@prometheus-io/client";
import manifest from "../../package.json" with { type: "json" };
import type { Settings } from "../settings.ts";
import type { StoreObserver } from "../store.ts";
import { createAccessMetrics, type AccessMetrics } from "./access-metrics.ts";
import { createProcessMetrics } from "./process-metrics.ts";
import { createRequestMetrics, type RequestMetrics } from "./request-metrics.ts";
import { createDynamoMetrics, createSqliteMetrics } from "./store-metrics.ts";

export interface Metrics extends RequestMetrics, AccessMetrics {
  /** Receives the measurements of the store. */
  readonly storeObserver: StoreObserver;
  /** Returns all metrics in the text format of Prometheus. */
  readonly format: () => Promise<string>;
}

/** The media type of {@link Metrics.format}. */
export const METRICS_MEDIA_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * Creates the metrics of one application. No label has a value that a client chooses, so the number of series is bounded
 * and none contains personal data.
 */
export function createMetrics(store: Settings["USERS_STORE"]): Metrics {
  const registry = new Registry();
  createProcessMetrics(registry);
  new Gauge({
    name: "users_build_info",
    help: "The version of the service and of Node.js, and the kind of its store. The value is 1.",
    labelNames: ["version", "node_version", "store"],
    registers: [registry],
  }).set({ version: manifest.version, node_version: process.versions.node, store }, 1);

  return {
    ...createRequestMetrics(registry),
    ...createAccessMetrics(registry),
    storeObserver: store === "sqlite" ? createSqliteMetrics(registry) : createDynamoMetrics(registry),
    format: () => registry.metrics(),
  };
}
