import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener, RequestError } from "@hono/node-server";
import { toRequestId, type RequestRecord } from "@user-management/rest-adapter";
import { createConnection, type Connection, type Phase } from "./connection.ts";
import { shutDown } from "./graceful-shutdown.ts";
import { listen, type ListenAddress } from "./listen-address.ts";
import { createInternalErrorResponse, respondWithProblem } from "./problem-response.ts";
import { DEFAULT_TIMEOUTS_MS, type Timeouts } from "./timeouts.ts";
import { isValidRequest, normalizeRequest } from "./validate-request.ts";

/** The request and the response of Node.js, which the functions of an application receive beside a `Request`. */
export interface NodeEnv {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

export interface ServerOptions extends ListenAddress {
  readonly fetch: (request: Request, env: NodeEnv) => Response | Promise<Response>;
  /** Reports whether a request is rejected with 421, before any of its headers is rewritten. Defaults to none. */
  readonly isMisdirected?: ((incoming: IncomingMessage) => boolean | Promise<boolean>) | undefined;
  /** Called for every response to a request that does not reach `fetch`. */
  readonly onResponse: (record: RequestRecord) => void;
  /** Called for every error that `fetch` throws. */
  readonly onError: (error: unknown) => void;
  readonly timeouts?: Partial<Timeouts> | undefined;
}

export interface RunningServer {
  readonly url: string;
  /** Returns the number of requests in progress, without those that wait for an earlier one of their connection. */
  readonly countActiveRequests: () => number;
  /**
   * Shuts the server down gracefully: every request that arrives within the grace period gets its response. Resolves
   * when all connections are closed, at the drain deadline at the latest.
   */
  readonly drain: () => Promise<void>;
}

/** @throws StartError if the server cannot listen on the address */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const timeouts = { ...DEFAULT_TIMEOUTS_MS, ...options.timeouts };
  const connections = new Map<Duplex, Connection>();
  /** The responses to the requests that have arrived in this turn of the event loop. */
  const arrived: ServerResponse[] = [];
  let phase: Phase = "serving";

  const listener = getRequestListener((request, env) => options.fetch(request, env as NodeEnv), {
    errorHandler: handleError,
  });
  const server = createServer({ ...timeouts, requireHostHeader: false });
  server.setTimeout(timeouts.stallTimeout);
  server.on("timeout", () => undefined); // each connection handles its own

  server.on("connection", (socket) => {
    const connectionOptions = {
      handle: handleAtEndOfTurn,
      onResponse: options.onResponse,
      getPhase: () => phase,
      timeouts,
    };
    connections.set(socket, createConnection(socket, connectionOptions));
    socket.once("close", () => connections.delete(socket));
  });
  server.on("request", addRequest);
  // Node.js would invite the client to send its body. The application does, see `inviteBody`.
  server.on("checkContinue", addRequest);
  // Unknown expectations are ignored (RFC 9110 section 10.1.1).
  server.on("checkExpectation", addRequest);
  server.on("connect", (_, socket) => connections.get(socket)?.fail(new Error("CONNECT is not supported")));
  server.on("clientError", (error, socket) => connections.get(socket)?.fail(error));

  function addRequest(incoming: IncomingMessage, outgoing: ServerResponse): void {
    connections.get(incoming.socket)?.add(outgoing);
  }

  /**
   * Handles the requests that arrive in one turn of the event loop together, at its end. Concurrent requests then take
   * half of the CPU time, because the processor executes each step for all of them before it continues with the next one.
   */
  function handleAtEndOfTurn(outgoing: ServerResponse): void {
    // The server and the application use the same id, also if it is generated.
    const { headers } = outgoing.req;
    headers["x-request-id"] = toRequestId(headers["x-request-id"]);
    if (arrived.push(outgoing) === 1) setImmediate(handleArrived);
  }

  function handleArrived(): void {
    for (const outgoing of arrived.splice(0)) void handle(outgoing.req, outgoing);
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (isValidRequest(incoming)) {
      if (await options.isMisdirected?.(incoming)) {
        options.onResponse(respondWithProblem(outgoing, "misdirected-request"));
        return;
      }
      normalizeRequest(incoming);
      await listener(incoming, outgoing);
    }
    if (!outgoing.headersSent) options.onResponse(respondWithProblem(outgoing, "malformed-request"));
  }

  /** Returns `undefined` for a request that the listener cannot convert; `handle` responds to it. */
  function handleError(error: unknown): Response | undefined {
    if (error instanceof RequestError) return undefined;
    options.onError(error);
    return createInternalErrorResponse();
  }

  const url = await listen(server, options);
  let drained: Promise<void> | undefined;
  return {
    url,
    countActiveRequests: () => [...connections.values()].filter(({ isHandling }) => isHandling()).length,
    drain: () => (drained ??= shutDown({ server, connections, timeouts, setPhase: (next) => void (phase = next) })),
  };
}

/**
 * Sends `100 Continue` if the client waits for it (RFC 9110 section 10.1.1). If a final response is sent instead, Node.js
 * closes the connection, because the client may send its body or not.
 */
export function inviteBody({ incoming, outgoing }: NodeEnv): void {
  if (incoming.httpVersion === "1.1" && /(?:^|\W)100-continue(?:$|\W)/i.test(incoming.headers.expect ?? "")) {
    outgoing.writeContinue();
  }
}
