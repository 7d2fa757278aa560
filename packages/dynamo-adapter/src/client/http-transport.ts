import * as http from "node:http";
import * as https from "node:https";
import {
  ATTEMPT_TIMEOUT_MS,
  MAX_CONNECTIONS,
  MAX_IDLE_MS,
  TransportError,
  type HttpResponse,
  type Transport,
} from "./transport.ts";

/** Creates a transport on `node:http` or `node:https`, which are part of Node.js and load fast. */
export function createHttpTransport(endpoint: URL): Transport {
  const { Agent, request } = endpoint.protocol === "https:" ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  // Node.js expects an IPv6 address without brackets.
  const host = endpoint.hostname.replace(/^\[|\]$/g, "");
  const options = { agent, host, port: endpoint.port, path: endpoint.pathname, method: "POST" };
  let lastResponseAtMs = 0;
  let isClosed = false;

  return {
    async post(headers, body) {
      if (isClosed) throw new TransportError("ECANCELED", false);
      // Checked here rather than by a timer, because Lambda freezes timers together with the environment.
      if (Date.now() - lastResponseAtMs > MAX_IDLE_MS) closeIdleConnections(agent);
      return new Promise<HttpResponse>((resolve, reject) => {
        let isSent = false;
        const outgoing = request({ ...options, headers: { ...headers, "content-length": Buffer.byteLength(body) } });
        let timer: NodeJS.Timeout | undefined;
        outgoing.on("socket", (socket) => {
          timer = setTimeout(() => outgoing.destroy(new TransportError("ETIMEDOUT", isSent)), ATTEMPT_TIMEOUT_MS);
          if (!socket.connecting) isSent = true;
          else socket.once(endpoint.protocol === "https:" ? "secureConnect" : "connect", () => (isSent = true));
        });
        outgoing.on("error", (error) => {
          clearTimeout(timer);
          reject(toTransportError(error, isSent));
        });
        outgoing.on("response", (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", (error) => {
            clearTimeout(timer);
            reject(toTransportError(error, true));
          });
          incoming.on("end", () => {
            clearTimeout(timer);
            lastResponseAtMs = Date.now();
            resolve({ status: incoming.statusCode!, headers: incoming.headers, body: Buffer.concat(chunks) });
          });
        });
        outgoing.end(body);
      });
    },
    close() {
      isClosed = true;
      agent.destroy();
    },
  };
}

function closeIdleConnections(agent: http.Agent): void {
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
}

function toTransportError(error: Error, isSent: boolean): TransportError {
  if (error instanceof TransportError) return error;
  const code = "code" in error ? String(error.code) : error.name;
  return new TransportError(code, isSent, error);
}
