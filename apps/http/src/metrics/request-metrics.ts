import { Gauge, type Registry } from "@prometheus-io/client";
import type { RequestRecord } from "@user-management/rest-adapter";
import { createFastHistogram } from "./fast-histogram.ts";

/** The buckets of OpenTelemetry's convention, and three below them, because most requests take less than 5 ms. */
const DURATION_BUCKETS_S = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** The methods of RFC 9110 and RFC 5789. OpenTelemetry's convention replaces all others by `_OTHER`. */
const KNOWN_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"]);

export interface RequestMetrics {
  /** Counts a request, also one that never reached the application. */
  readonly recordRequest: (record: RequestRecord) => void;
  /** Sets the function that returns the number of requests in progress. */
  readonly setActiveRequests: (count: () => number) => void;
}

/** Creates the metrics of HTTP requests, with the names of OpenTelemetry's semantic conventions. */
export function createRequestMetrics(registry: Registry): RequestMetrics {
  const createSeries = createFastHistogram(registry, {
    name: "http_server_request_duration_seconds",
    help: "The duration of requests by method, route pattern and status code.",
    buckets: DURATION_BUCKETS_S,
  });
  let countActive: (() => number) | undefined;
  registry.registerMetric(
    new Gauge({
      name: "http_server_active_requests",
      help: "The number of requests in progress.",
      registers: [],
      collect() {
        this.set(countActive?.() ?? 0);
      },
    }),
  );

  /** One function per series, by route, method and status code: it is created once and not for every request. */
  const series = new Map<string, Map<string, Map<number, (valueS: number) => void>>>();

  return {
    recordRequest: ({ method, route, status, durationMs }) => getObserve(route, method, status)(durationMs / 1_000),
    setActiveRequests: (count) => void (countActive = count),
  };

  function getObserve(route: string, originalMethod: string, status: number): (valueS: number) => void {
    const method = KNOWN_METHODS.has(originalMethod) ? originalMethod : "_OTHER";
    const byMethod = getOrAdd(series, route, () => new Map<string, Map<number, (valueS: number) => void>>());
    const byStatus = getOrAdd(byMethod, method, () => new Map<number, (valueS: number) => void>());
    return getOrAdd(byStatus, status, () =>
      createSeries({
        http_request_method: method,
        http_route: route,
        http_response_status_code: String(status),
      }),
    );
  }
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
