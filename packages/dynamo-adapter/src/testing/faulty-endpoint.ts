import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { DynamoClient } from "../client/dynamo-client.ts";
import { createTestClient, type ClientName } from "./clients.ts";
import type { Dynamo } from "./dynamo.ts";

/** The fault that is injected into a call. DynamoDB processes only calls with `none`, `commit, then …` or `delayMs`. */
export type Fault =
  | "none"
  | "hang"
  | "reset"
  | "commit, then hang"
  | "commit, then reset"
  | { readonly delayMs: number }
  /** A response without request id is not one of DynamoDB. */
  | { readonly status: number; readonly body: string; readonly hasRequestId?: false }
  | { readonly error: string; readonly CancellationReasons?: object[] };

export interface Call {
  /** For example `GetItem`. */
  readonly operation: string;
  readonly input: Record<string, any>;
  /** The number of earlier calls of this operation. */
  readonly previousCalls: number;
}

export type ChooseFault = (call: Call) => Fault | Promise<Fault>;

/** Starts a proxy in front of the engine that injects faults, and creates a client that connects to it. */
export async function startFaultyEndpoint(
  dynamo: Dynamo,
  chooseFault: ChooseFault,
  clientName: ClientName,
): Promise<{ client: DynamoClient; calls: Call[] }> {
  const { endpoint, calls } = await startFaultyProxy(dynamo, chooseFault);
  return { client: createTestClient(clientName, { ...dynamo.config, endpoint }), calls };
}

/** Starts a proxy in front of the engine that injects faults. */
export async function startFaultyProxy(
  dynamo: Dynamo,
  chooseFault: ChooseFault,
): Promise<{ endpoint: string; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer((incoming, outgoing) => {
    // Forwarding fails if the engine or the client has closed its connection.
    respond(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${port}`, calls };

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const operation = String(incoming.headers["x-amz-target"]).split(".")[1]!;
    const previousCalls = calls.filter((call) => call.operation === operation).length;
    const call = { operation, input: JSON.parse(body.toString()), previousCalls };
    calls.push(call);
    const fault = await chooseFault(call);
    if (fault === "hang") return;
    if (fault === "reset") return void incoming.socket.resetAndDestroy();
    if (typeof fault === "object" && "status" in fault) {
      const requestId = fault.hasRequestId === false ? {} : { "x-amzn-requestid": "test" };
      outgoing.writeHead(fault.status, { "content-type": "application/x-amz-json-1.0", ...requestId }).end(fault.body);
      return;
    }
    if (typeof fault === "object" && "error" in fault) {
      const { error, ...details } = fault;
      const errorBody = { __type: `com.amazonaws.dynamodb.v20120810#${error}`, message: "Injected fault.", ...details };
      outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(errorBody));
      return;
    }
    const response = await forward(incoming, body);
    if (fault === "commit, then hang") return;
    if (fault === "commit, then reset") return void incoming.socket.resetAndDestroy();
    const delayMs = typeof fault === "object" ? fault.delayMs : 0;
    setTimeout(() => outgoing.writeHead(response.status, response.headers).end(response.body), delayMs);
  }

  async function forward(incoming: IncomingMessage, body: Buffer) {
    const forwarded = request(dynamo.endpoint, { method: incoming.method, headers: incoming.headers }).end(body);
    const [response] = (await once(forwarded, "response")) as [IncomingMessage];
    return { status: response.statusCode!, headers: response.headers, body: await buffer(response) };
  }
}
