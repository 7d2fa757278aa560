import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createProblem, problemResponse, toProblem, toRequestId } from "@user-management/rest-adapter";
import { listen, type ListenAddress } from "../server/listen-address.ts";
import { METRICS_MEDIA_TYPE, type Metrics } from "./create-metrics.ts";

/** The maximum time for the arrival of a request, in milliseconds. */
const REQUEST_TIMEOUT_MS = 5_000;

/** The names of the settings of the address, for messages. */
export const METRICS_SETTINGS = { host: "METRICS_HOST", port: "METRICS_PORT" };

export interface MetricsServerOptions extends ListenAddress {
  readonly metrics: Pick<Metrics, "format">;
  /** Resolves if the service is ready, and rejects with the reason otherwise. */
  readonly checkReadiness: () => Promise<unknown>;
  /** Called for every unexpected error. */
  readonly onError: (error: unknown) => void;
}

export interface MetricsServer {
  readonly url: string;
  readonly close: () => void;
}

interface Page {
  readonly mediaType: string;
  readonly text: string;
}

/**
 * Starts the server for operators, on an address of its own: `/metrics`, and both health checks. It authenticates no one,
 * and its requests are neither logged nor counted.
 *
 * @throws StartError if it cannot listen on the address
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const pages: Record<string, () => Promise<Page>> = {
    "/metrics": async () => ({ mediaType: METRICS_MEDIA_TYPE, text: await options.metrics.format() }),
    "/healthz": async () => createStatusPage("ok"),
    "/readyz": async () => {
      await options.checkReadiness();
      return createStatusPage("ok");
    },
  };
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS }, respond);
  const url = await listen(server, options, METRICS_SETTINGS);
  return {
    url,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url!.split("?", 1)[0]!;
    try {
      const createPage = Object.hasOwn(pages, path) ? pages[path]! : throwNotFound;
      if (!["GET", "HEAD"].includes(incoming.method!)) {
        throw createProblem("method-not-allowed", { headers: { allow: "GET, HEAD" } });
      }
      const { mediaType, text } = await createPage();
      outgoing.writeHead(200, { "content-type": mediaType, "cache-control": "no-store" }).end(text);
    } catch (error) {
      const problem = toProblem(error);
      if (problem.status === 500) options.onError(error);
      const { status, headers, body } = problemResponse(problem, path, toRequestId(undefined));
      outgoing.writeHead(status, headers).end(body);
    }
  }
}

function createStatusPage(status: string): Page {
  return { mediaType: "application/json", text: JSON.stringify({ status }) };
}

function throwNotFound(): never {
  throw createProblem("not-found");
}
