import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as elapsed } from "node:timers/promises";
import { getRequestListener, RequestError } from "@hono/node-server";
import { Problem, problemAnswer, requestIdOf, type Exchange } from "@user-management/rest-adapter";
import { answerMalformed, answerOnConnection, settleRequestId } from "./malformed-requests.ts";
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
  readonly times?: Partial<typeof TIMES> | undefined;
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
  /** Every connection, and the answer to the last request on it, if there was one. */
  const connections = new Map<Duplex, ServerResponse | undefined>();
  let draining = false;

  const listener = getRequestListener(fetch, { errorHandler: failed });
  const server = createServer({ ...timeouts, requireHostHeader: false }, (incoming, outgoing) => {
    void handle(incoming, outgoing);
  });

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    connections.set(incoming.socket, outgoing);
    settleRequestId(incoming);
    if (draining) outgoing.setHeader("connection", "close");
    if (!prepare(incoming)) onExchange(answerMalformed(incoming, outgoing));
    else await listener(incoming, outgoing);
    if (!outgoing.headersSent) onExchange(answerMalformed(incoming, outgoing));
  }

  /** A request that cannot be understood stays without an answer here, and gets one in `handle`. */
  function failed(error: unknown): Response | undefined {
    if (error instanceof RequestError) return undefined;
    onError(error);
    const problem = new Problem("internal", { detail: "Something went wrong." });
    const { status, headers, body } = problemAnswer(problem, "/", requestIdOf(undefined));
    return new Response(JSON.stringify(body), { status, headers });
  }

  server.on("connection", (connection) => {
    connections.set(connection, undefined);
    connection.once("close", () => connections.delete(connection));
  });
  // Requests that expect what we do not know are served all the same (RFC 9110 section 10.1.1).
  server.on("checkExpectation", (incoming, outgoing) => void handle(incoming, outgoing));
  server.on("connect", (_, connection) => onExchange(answerOnConnection(connection)));
  server.on("clientError", (error, connection) => {
    const outgoing = connections.get(connection);
    if (!connection.writable) connection.destroy();
    else if (outgoing && !outgoing.req.complete) breakOff(outgoing, connection, error);
    else if (outgoing && !outgoing.closed) outgoing.once("close", () => connection.destroy());
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
      for (const outgoing of connections.values()) {
        if (outgoing && !outgoing.headersSent) outgoing.setHeader("connection", "close");
      }
      const deadline = setTimeout(() => server.closeAllConnections(), drain);
      await elapsed(grace);
      const closed = once(server, "close");
      server.close();
      for (const [connection, outgoing] of connections) {
        if (!outgoing || outgoing.closed) connection.destroy();
        else outgoing.once("close", () => connection.destroy());
      }
      await closed;
      clearTimeout(deadline);
    },
  };
}

/** The body is broken. The app, which waits for it, meets the problem that is answered, and tells of the request. */
function breakOff(outgoing: ServerResponse, connection: Duplex, error: Error): void {
  if (outgoing.headersSent) connection.destroy();
  else answerOnConnection(connection, error, outgoing.req);
}

/**
 * Sees to it that the request names one host, if any (RFC 9112 section 3.2), and gives it another: nothing depends on
 * it, and the listener is pickier than the RFC.
 */
function prepare(incoming: IncomingMessage): boolean {
  const hosts = incoming.rawHeaders.filter((name, n) => n % 2 === 0 && name.toLowerCase() === "host").length;
  if (hosts !== 1 && !(hosts === 0 && incoming.httpVersion === "1.0")) return false;
  if (!/^(?:\[[\da-f:.]+\]|[\w.~%!$&'()*+,;=-]*)(?::\d*)?$/i.test(incoming.headers.host ?? "")) return false;
  incoming.headers.host = "localhost";
  if (incoming.url === "*") incoming.url = "/*"; // OPTIONS *, of the server as a whole: no path of ours
  return true;
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
