import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export interface ThrottlingProxyOptions {
  /** The endpoint of the engine. */
  readonly endpoint: string;
  /** The number of transactions that are throttled before the first one is forwarded. */
  readonly throttledCalls: number;
  /** The number of transactions that are committed, and whose response is lost in every attempt. */
  readonly lostTransactions: number;
  /** The number of calls whose connection is reset before they are forwarded, every tenth one; defaults to 0. */
  readonly resets?: number;
}

/** Starts a proxy in front of the engine that throttles, resets and loses responses. Returns its endpoint. */
export async function startThrottlingProxy(options: ThrottlingProxyOptions): Promise<string> {
  const { endpoint, throttledCalls, lostTransactions, resets = 0 } = options;
  const lostTokens = new Set<unknown>();
  let received = 0;
  let calls = 0;
  const server = createServer((incoming, outgoing) => {
    // Forwarding fails if the command has closed its connection.
    respond(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await text(incoming);
    received += 1;
    if (received % 10 === 0 && received <= resets * 10) {
      incoming.socket.resetAndDestroy();
      return;
    }
    const isTransaction = String(incoming.headers["x-amz-target"]).endsWith(".TransactWriteItems");
    if (isTransaction && (calls += 1) <= throttledCalls) {
      outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      outgoing.end(JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#ThrottlingException" }));
      return;
    }
    const { "content-length": _, connection: _connection, host: _host, ...headers } = incoming.headers;
    const response = await fetch(endpoint, { method: "POST", headers: headers as Record<string, string>, body });
    const bytes = Buffer.from(await response.arrayBuffer());
    const { ClientRequestToken: token } = JSON.parse(body) as { ClientRequestToken?: string };
    if (isTransaction && lostTokens.size < lostTransactions) lostTokens.add(token);
    if (isTransaction && lostTokens.has(token)) incoming.socket.destroy();
    else outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(bytes);
  }
}
