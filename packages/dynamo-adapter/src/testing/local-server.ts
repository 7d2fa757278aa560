import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerOptions, type ServerResponse } from "node:http";
import * as https from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { onTestFinished } from "vitest";
import type { Connection } from "../client/connection.ts";
import { createEnvironmentConnection } from "../client/environment-connection.ts";

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The number of this request, counted from 1. */
  readonly number: number;
}

export type Respond = (response: ServerResponse, request: ReceivedRequest) => unknown;

export interface LocalServer {
  readonly url: string;
  readonly server: Server;
  /** A connection of a wire client to the server. */
  readonly connection: Connection;
  readonly requests: ReceivedRequest[];
  /** The open sockets. */
  readonly sockets: Set<Socket>;
}

/** Starts an HTTP server in the place of DynamoDB. It is closed when the test finishes. */
export async function startServer(
  respond: Respond,
  host = "127.0.0.1",
  options: ServerOptions = {},
): Promise<LocalServer> {
  const requests: ReceivedRequest[] = [];
  return listen(createServer(options, createListener(respond, requests)), "http", host, requests);
}

/** Starts a server with a certificate for `localhost` as {@link startServer}. */
export async function startTlsServer(respond: Respond, certificate: https.ServerOptions): Promise<LocalServer> {
  const requests: ReceivedRequest[] = [];
  return listen(https.createServer(certificate, createListener(respond, requests)), "https", "localhost", requests);
}

/** Starts a server that handles the bytes of a connection itself. */
export async function startTcpServer(onConnection: (socket: Socket) => void): Promise<LocalServer> {
  return listen(createTcpServer(onConnection), "http", "127.0.0.1", []);
}

function createListener(respond: Respond, requests: ReceivedRequest[]): Parameters<typeof createServer>[1] & {} {
  return async (incoming, response) => {
    const number = requests.length + 1;
    const request = { path: incoming.url!, headers: incoming.headers, body: "", number };
    requests.push(request);
    request.body = await text(incoming);
    await respond(response, request);
  };
}

async function listen(server: Server, scheme: string, host: string, requests: ReceivedRequest[]): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined); // After an error the socket emits `close`.
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return { url, server, connection: createTestConnection(url), requests, sockets };
}

/** Creates a connection to an endpoint. */
export function createTestConnection(endpoint: string): Connection {
  return createEnvironmentConnection({
    AWS_REGION: "eu-central-1",
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
}

/** Header fields of a response of DynamoDB with this body. */
export function createHeaders(body: string): Record<string, string | number> {
  return {
    "content-type": "application/x-amz-json-1.0",
    "x-amzn-requestid": "test",
    "x-amz-crc32": crc32(body),
    "content-length": Buffer.byteLength(body),
  };
}

/** Sends a successful response. */
export function sendOutput(response: ServerResponse, output: object = {}): void {
  const body = JSON.stringify(output);
  response.writeHead(200, createHeaders(body)).end(body);
}

/** Sends an error response. */
export function sendError(response: ServerResponse, name: string, status = 400): void {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "The call failed." });
  response.writeHead(status, createHeaders(body)).end(body);
}
