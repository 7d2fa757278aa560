/**
 * Starts OpenTelemetry, so that each request and each call of DynamoDB becomes a span, which is sent to the collector at
 * `OTEL_EXPORTER_OTLP_ENDPOINT`. The service does not depend on it: docs/monitoring.md describes how to install it.
 *
 *     node --import ./tracing.mjs main.js
 */
import { subscribe } from "node:diagnostics_channel";
import { register } from "node:module";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { NodeSDK } from "@opentelemetry/sdk-node";

/** Attributes that may contain personal data: addresses of clients, and ids and emails in paths and queries. */
const PERSONAL_ATTRIBUTES = [
  "client.address",
  "http.target",
  "http.url",
  "network.peer.address",
  "url.full",
  "url.path",
  "url.query",
];

// Modules of Node.js are instrumented when they are imported.
register("@opentelemetry/instrumentation/hook.mjs", import.meta.url);

const sdk = new NodeSDK({
  serviceName: process.env["OTEL_SERVICE_NAME"] ?? "users",
  instrumentations: [new HttpInstrumentation({ requestHook: removePersonalData })],
});
sdk.start();

subscribe("user-management:dynamodb:call", createCallSpan);

// The spans that wait are sent before the process ends, and the server itself handles the signal.
process.once("beforeExit", () => void sdk.shutdown());

function removePersonalData(span) {
  for (const name of PERSONAL_ATTRIBUTES) if (name in span.attributes) span.setAttribute(name, "removed");
}

/** Creates the span of a call that has ended. Its parent is the request. Concurrent reads share a call, whose parent is any of them. */
function createCallSpan({ operation, outcome, durationMs, attempts }) {
  const endTime = Date.now();
  const span = trace.getTracer("users").startSpan(`DynamoDB.${operation}`, {
    kind: SpanKind.CLIENT,
    startTime: endTime - durationMs,
    attributes: {
      "db.system.name": "aws.dynamodb",
      "db.operation.name": operation,
      "users.outcome": outcome,
      "users.attempts": attempts,
    },
  });
  if (outcome !== "ok" && outcome !== "condition-failed")
    span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
  span.end(endTime);
}
