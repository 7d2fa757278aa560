import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Respond = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestIssuer {
  readonly url: string;
  /** The response of each path, which tests replace. Other paths are not found. */
  readonly routes: Record<string, Respond>;
  /** The paths that have been requested, in order. */
  readonly requests: string[];
}

/**
 * Starts a server on loopback.
 *
 * @param onEnd registers the function that closes it: `afterAll` or `onTestFinished` of vitest
 */
export async function startIssuer(onEnd: (close: () => void) => void): Promise<TestIssuer> {
  const routes: Record<string, Respond> = {};
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url!);
    (routes[request.url!] ?? sendStatus(404))(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, routes, requests };
}

export const sendJson =
  (value: unknown): Respond =>
  (_request, response) =>
    response.setHeader("content-type", "application/json").end(JSON.stringify(value));

export const sendStatus =
  (status: number, headers: Record<string, string> = {}): Respond =>
  (_request, response) =>
    response.writeHead(status, headers).end("{}");

export const reset: Respond = (request) => request.socket.destroy();
