// oxlint-disable-next-line typescript/triple-slash-reference -- the modules of a package have no types of their own
/// <reference path="./library-metrics.d.ts" />
import { performance } from "node:perf_hooks";
import { Counter, type Registry } from "@prometheus-io/client";
import createEventLoopLag from "@prometheus-io/client/lib/metrics/eventLoopLag.js";
import createHeapSize from "@prometheus-io/client/lib/metrics/heapSizeAndUsed.js";
import createHeapSpaces from "@prometheus-io/client/lib/metrics/heapSpacesSizeAndUsed.js";
import createMemory from "@prometheus-io/client/lib/metrics/osMemoryHeap.js";
import createCpu from "@prometheus-io/client/lib/metrics/processCpuTotal.js";
import createMaxFileDescriptors from "@prometheus-io/client/lib/metrics/processMaxFileDescriptors.js";
import createOpenFileDescriptors from "@prometheus-io/client/lib/metrics/processOpenFileDescriptors.js";
import createStartTime from "@prometheus-io/client/lib/metrics/processStartTime.js";
import createVersion from "@prometheus-io/client/lib/metrics/version.js";

/** The interval at which the delay of the event loop is measured, in milliseconds. It is part of each measured delay. */
const LAG_PRECISION_MS = 10;

/**
 * Creates the metrics of the process and of Node.js.
 *
 * They are those of the library's `collectDefaultMetrics` without garbage collection, whose observer takes a tenth of the
 * CPU time of a request (`npx pnpm bench:metrics`), and without those whose names `promtool check metrics` reports. The
 * utilization of the event loop is measured here as time, so that a query can choose its interval.
 */
export function createProcessMetrics(registry: Registry): void {
  createCpu(registry);
  createStartTime(registry);
  createMemory(registry);
  createOpenFileDescriptors(registry);
  createMaxFileDescriptors(registry);
  createHeapSize(registry);
  createHeapSpaces(registry);
  createVersion(registry);
  createEventLoopLag(registry, { eventLoopMonitoringPrecision: LAG_PRECISION_MS });

  registry.registerMetric(
    new Counter({
      name: "nodejs_eventloop_time_seconds_total",
      help: "The time of the event loop, by state: active or idle. The rate of the active time is its utilization.",
      labelNames: ["nodejs_eventloop_state"],
      registers: [],
      collect() {
        const { active, idle } = performance.eventLoopUtilization();
        this.reset();
        this.inc({ nodejs_eventloop_state: "active" }, active / 1_000);
        this.inc({ nodejs_eventloop_state: "idle" }, idle / 1_000);
      },
    }),
  );
}
