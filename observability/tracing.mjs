/**
 * Starts OpenTelemetry, so that each request and each call over HTTP becomes a span, which is sent to the collector at
 * `OTEL_EXPORTER_OTLP_ENDPOINT`. The service does not depend on it: docs/monitoring.md describes how to install it.
 *
 *     node --import ./tracing.mjs main.js
 */
import { register } from "node:module";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
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
  instrumentations: [new HttpInstrumentation({ requestHook: removePersonalData }), new UndiciInstrumentation()],
});
sdk.start();

// The spans that wait are sent before the process ends, and the server itself handles the signal.
process.once("beforeExit", () => void sdk.shutdown());

function removePersonalData(span) {
  for (const name of PERSONAL_ATTRIBUTES) if (name in span.attributes) span.setAttribute(name, "removed");
}
