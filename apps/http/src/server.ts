import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as elapsed } from "node:timers/promises";
import { getRequestListener, RequestError } from "@hono/node-server";
import { Problem, problemAnswer, requestIdOf, type Exchange } from "@user-management/rest-adapter";
import { answerMalformed, answerOnConnection } from "./malformed-requests.ts";
import { StartError } from "./start-error.ts";

/** How long things may take, in milliseconds. */
const TIMES = {
  /** A client to send a request's headers, and to send a whole request; and how often that is checked. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  /** A client to send its next request: longer than the 60 seconds of usual load balancers, who should end first. */
  keepAliveTimeout: 65_000,
  /** A server that drains to go on taking requests, so that a balancer sees that it is not ready. */
  grace: 500,
  /** The whole drain; whatever still goes on then is ended. */
  drain: 9_500,
};

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Called for every request that is answered without reaching `fetch`. */
  readonly onExchange: (exchange: Exchange) => void;
  readonly onError: (error: unknown) => void;
  readonly times?: Partial<typeof TIMES>;
}

export interface RunningServer {
  /** Where it listens. */
  readonly url: string;
  /**
   * Answers every request that has arrived or arrives within half a second, then takes no more; resolves when all
   * connections have ended, after 10 seconds at most.
   */
  readonly drain: () => Promise<void>;
}

/** @throws StartError when the address cannot be listened on */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, fetch, onExchange, onError } = options;
  const { grace, drain, ...timeouts } = { ...TIMES, ...options.times };
  const unfinished = new Set<ServerResponse>();
  let draining = false;

  const listener = getRequestListener(fetch, { hostname: "localhost", errorHandler: failed });
  const server = createServer({ ...timeouts, requireHostHeader: false }, (incoming, outgoing) => {
    void handle(incoming, outgoing);
  });

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    unfinished.add(outgoing);
    outgoing.once("close", () => finish(outgoing));
    if (draining) outgoing.setHeader("connection", "close");
    if (!isHostMissing(incoming)) await listener(incoming, outgoing);
    if (!outgoing.headersSent) onExchange(answerMalformed(incoming, outgoing));
  }

  function finish(outgoing: ServerResponse): void {
    unfinished.delete(outgoing);
    if (!server.listening) setImmediate(() => server.closeIdleConnections());
  }

  /** A request that cannot be understood stays without an answer here, and gets one in `handle`. */
  function failed(error: unknown): Response | undefined {
    if (error instanceof RequestError) return undefined;
    onError(error);
    const problem = new Problem("internal", { detail: "Something went wrong." });
    const { status, headers, body } = problemAnswer(problem, "/", requestIdOf(undefined));
    return new Response(JSON.stringify(body), { status, headers });
  }

  // Requests that expect what we do not know are served all the same (RFC 9110 section 10.1.1).
  server.on("checkExpectation", (incoming, outgoing) => void handle(incoming, outgoing));
  server.on("connect", (_, connection) => onExchange(answerOnConnection(connection)));
  server.on("clientError", (error, connection) => {
    if (!connection.writable || ("code" in error && error.code === "ECONNRESET")) {
      connection.destroy();
      return;
    }
    const before = [...unfinished].filter(({ req }) => req.socket === connection && req.complete);
    const last = before.at(-1);
    if (last) last.once("close", () => connection.destroy());
    else onExchange(answerOnConnection(connection, error));
  });

  server.listen(port, host);
  await once(server, "listening").catch((cause: unknown) => {
    throw new StartError(`cannot listen on ${host}:${port}: ${whyNot(cause)}`, { cause });
  });

  return {
    url: urlOf(server.address() as AddressInfo),
    async drain() {
      draining = true;
      for (const outgoing of unfinished) {
        if (!outgoing.headersSent) outgoing.setHeader("connection", "close");
      }
      const deadline = setTimeout(() => server.closeAllConnections(), drain);
      await elapsed(grace);
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await closed;
      clearTimeout(deadline);
    },
  };
}

/** RFC 9112 section 3.2. */
function isHostMissing({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === "1.1" && headers.host === undefined;
}

function urlOf({ address, port, family }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function whyNot(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE") return "the port is taken; set PORT to another one";
  if (code === "EACCES") return "the port needs more rights; set PORT to 1024 or above";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return "HOST is no address of this machine";
  return String(cause);
}
