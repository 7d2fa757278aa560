import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { createDynamoClient } from "../dynamo-client.ts";
import type { Dynamo } from "./start-dynamo.ts";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** What becomes of a call: it goes through to the real engine, or something happens to it on the way there or back. */
export type Fate =
  | "pass"
  | "hang"
  | "reset"
  | "done, then hang"
  | "done, then reset"
  | { readonly delay: number }
  /** `foreign`: without what tells an answer of DynamoDB. */
  | { readonly status: number; readonly body: string; readonly foreign?: true }
  | { readonly error: string; readonly CancellationReasons?: object[] };

export interface Call {
  /** Such as `GetItem`. */
  readonly operation: string;
  readonly input: Record<string, any>;
  /** How many calls of this operation there were before. */
  readonly earlier: number;
}

/** A server in front of a real engine that does to each call what `decide` says, and a client that talks to it. */
export async function unreliable(
  dynamo: Dynamo,
  decide: (call: Call) => Fate,
): Promise<{ client: DynamoDBDocumentClient; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => incoming.socket.destroy()); // The engine has gone, or the client.
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = createDynamoClient({
    ...dynamo.config,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  onTestFinished(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { client, calls };

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const operation = String(incoming.headers["x-amz-target"]).split(".")[1]!;
    const earlier = calls.filter((call) => call.operation === operation).length;
    const call = { operation, input: JSON.parse(body.toString()), earlier };
    calls.push(call);
    const fate = decide(call);
    if (fate === "hang") return;
    if (fate === "reset") return void incoming.socket.resetAndDestroy();
    if (typeof fate === "object" && "status" in fate) {
      const named = fate.foreign ? {} : { "x-amzn-requestid": "told in a test" };
      outgoing.writeHead(fate.status, { "content-type": "application/x-amz-json-1.0", ...named }).end(fate.body);
      return;
    }
    if (typeof fate === "object" && "error" in fate) {
      const { error, ...details } = fate;
      const said = { __type: `com.amazonaws.dynamodb.v20120810#${error}`, message: "told in a test", ...details };
      outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(said));
      return;
    }
    const { status, headers, answer } = await forward(incoming, body);
    if (fate === "done, then hang") return;
    if (fate === "done, then reset") return void incoming.socket.resetAndDestroy();
    const delay = typeof fate === "object" ? fate.delay : 0;
    setTimeout(() => outgoing.writeHead(status, headers).end(answer), delay);
  }

  async function forward(incoming: IncomingMessage, body: Buffer) {
    const passed = request(dynamo.endpoint, { method: incoming.method, headers: incoming.headers }).end(body);
    const [response] = (await once(passed, "response")) as [IncomingMessage];
    return { status: response.statusCode!, headers: response.headers, answer: await buffer(response) };
  }
}
