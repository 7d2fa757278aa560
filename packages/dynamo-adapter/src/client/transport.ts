import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import {
  createSocketConnection,
  TransportError,
  type PendingRequest,
  type SocketConnection,
} from "./socket-connection.ts";
import type { HttpResponse } from "./response-parser.ts";

/** The maximum number of connections. Further requests wait for one. */
export const MAX_CONNECTIONS = 50;

/** The time after which an idle connection is closed, in milliseconds: less than it takes DynamoDB to close it. */
const MAX_IDLE_MS = 4_000;

/** HTTP/1.1 with persistent connections to one endpoint. */
export interface Transport {
  /**
   * Sends a `POST` and reads the whole response. Does not follow redirects. A request that still waits for a connection
   * when the signal has aborted is not sent.
   *
   * @throws TransportError if there is no complete response in time
   */
  post(headers: Readonly<Record<string, string>>, body: string, signal?: AbortSignal): Promise<HttpResponse>;
  /** Closes all connections. */
  close(): void;
}

/** A character that is not sent in the value of a header field (RFC 9110 section 5.5, without `obs-text`). */
const INVALID_VALUE = /[^\t\x20-\x7e]/;

/**
 * Creates a transport on the sockets of Node.js, which opens no connection before the first request. A call takes less
 * CPU time than with undici or `node:http`, and both take longer to load.
 */
export function createTransport(endpoint: URL): Transport {
  const openSocket = createSocketFactory(endpoint);
  const connections = new Set<SocketConnection>();
  /** The connections without a request, the last used one at the end. */
  const idle: SocketConnection[] = [];
  const waiting: PendingRequest[] = [];
  let isClosed = false;

  return {
    async post(headers, body, signal) {
      const text = formatRequest(endpoint.pathname, headers, body);
      if (isClosed) throw new TransportError("ECANCELED", false);
      return new Promise<HttpResponse>((resolve, reject) => dispatch({ text, signal, resolve, reject }));
    },
    close() {
      isClosed = true;
      for (const { reject } of waiting.splice(0)) reject(new TransportError("ECANCELED", false));
      for (const connection of connections) connection.destroy();
    },
  };

  function dispatch(request: PendingRequest): void {
    const connection = takeIdleConnection() ?? (connections.size < MAX_CONNECTIONS ? openConnection() : undefined);
    if (connection) connection.send(request);
    else waiting.push(request);
  }

  /** Closes the connections that are idle for too long, here rather than by a timer: Lambda freezes timers, too. */
  function takeIdleConnection(): SocketConnection | undefined {
    while (idle[0] && Date.now() - idle[0].getIdleSinceMs() > MAX_IDLE_MS) idle[0].destroy();
    return idle.pop();
  }

  /** Returns the next request. Rejects those whose callers no longer wait: a late write could overwrite a newer one. */
  function takeWaitingRequest(): PendingRequest | undefined {
    for (let request = waiting.shift(); request; request = waiting.shift()) {
      if (!request.signal?.aborted) return request;
      request.reject(new TransportError("ECANCELED", false));
    }
    return undefined;
  }

  function openConnection(): SocketConnection {
    const connection = createSocketConnection({
      socket: openSocket(),
      connectEvent: endpoint.protocol === "https:" ? "secureConnect" : "connect",
      onIdle() {
        const request = takeWaitingRequest();
        if (request) connection.send(request);
        else idle.push(connection);
      },
      onClose() {
        connections.delete(connection);
        const index = idle.indexOf(connection);
        if (index >= 0) idle.splice(index, 1);
        const request = takeWaitingRequest();
        if (request) dispatch(request);
      },
    });
    connections.add(connection);
    return connection;
  }
}

/** Creates a function that starts to connect to an endpoint. It resumes the TLS session of an earlier connection. */
function createSocketFactory({ protocol, hostname, port }: URL) {
  // Node.js expects an IPv6 address without brackets.
  const host = hostname.replace(/^\[|\]$/g, "");
  const options = { host, noDelay: true, keepAlive: true };
  if (protocol !== "https:") return () => connectTcp({ ...options, port: Number(port || 80) });

  const tlsOptions = {
    ...options,
    port: Number(port || 443),
    ALPNProtocols: ["http/1.1"],
    ...(isIP(host) === 0 && { servername: host }),
  };
  let tlsSession: Buffer | undefined;
  return () =>
    connectTls({ ...tlsOptions, ...(tlsSession && { session: tlsSession }) })
      .on("session", (session: Buffer) => void (tlsSession = session))
      // The session may be the reason.
      .on("error", () => void (tlsSession = undefined));
}

function formatRequest(path: string, headers: Readonly<Record<string, string>>, body: string): string {
  let text = `POST ${path} HTTP/1.1\r\n`;
  for (const name of Object.keys(headers)) {
    const value = headers[name]!;
    if (INVALID_VALUE.test(value)) throw new TransportError("ERR_INVALID_CHAR", false);
    text += `${name}: ${value}\r\n`;
  }
  return `${text}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
