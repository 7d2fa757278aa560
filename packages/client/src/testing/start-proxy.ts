import { once } from "node:events";
import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { onTestFinished, type TestContext } from "vitest";
import { createUsersClient, type UsersClient, type UsersClientOptions } from "../index.ts";

/**
 * How the proxy handles a request: it forwards the request and its response, injects a fault before or after forwarding,
 * or sends a canned response. A truncated response closes the connection after half of the body; a stalled one does not.
 */
export type Behavior =
  | "forward"
  | "hang"
  | "reset"
  | "forward, then hang"
  | "forward, then reset"
  | "forward, then truncate"
  | "forward, then stall"
  | {
      readonly status: number;
      readonly headers?: OutgoingHttpHeaders;
      readonly body?: string | Uint8Array | Iterable<Uint8Array>;
    };

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** When the request arrived, in milliseconds since the process started. */
  readonly receivedAtMs: number;
  /** Resolves when the response has been sent or the connection has closed. */
  readonly closed: Promise<unknown>;
}

export interface Proxy {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Adds behaviors for the next requests, one each; later requests are forwarded. */
  readonly enqueue: (...behaviors: Behavior[]) => void;
}

/**
 * Starts an HTTP proxy in front of `target`.
 *
 * @param onFinished registers the cleanup; a concurrent test passes its own
 */
export async function startProxy(
  target = "http://127.0.0.1:1",
  onFinished: TestContext["onTestFinished"] = onTestFinished,
): Promise<Proxy> {
  const requests: ReceivedRequest[] = [];
  const queue: Behavior[] = [];
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    enqueue: (...behaviors) => void queue.push(...behaviors),
  };

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const { method = "", url: path = "", headers, socket } = incoming;
    const closed = once(outgoing, "close");
    requests.push({ method, path, headers, body: body.toString(), receivedAtMs: performance.now(), closed });
    const behavior = queue.shift() ?? "forward";
    if (behavior === "hang") return;
    if (behavior === "reset") return void socket.resetAndDestroy();
    if (typeof behavior === "object") return sendCanned(behavior, outgoing);
    const forwarded = request(target + path, { method, headers, agent: false }).end(body);
    const [response] = (await once(forwarded, "response")) as [IncomingMessage];
    const content = await buffer(response);
    if (behavior === "forward, then hang") return;
    if (behavior === "forward, then reset") return void socket.resetAndDestroy();
    outgoing.writeHead(response.statusCode!, { ...response.headers, "content-length": content.byteLength });
    if (behavior === "forward") return void outgoing.end(content);
    const half = content.subarray(0, content.byteLength / 2);
    outgoing.write(half, () => behavior === "forward, then truncate" && socket.destroy());
  }
}

export interface ProxiedClient extends Pick<Proxy, "url" | "requests"> {
  readonly users: UsersClient;
}

/** Starts a proxy with these behaviors in front of `target`, and creates a client for it with a timeout of 1 second. */
export async function startProxiedClient(
  target: string,
  behaviors: readonly Behavior[],
  { onFinished, ...options }: Partial<UsersClientOptions> & { onFinished?: TestContext["onTestFinished"] } = {},
): Promise<ProxiedClient> {
  const { url, requests, enqueue } = await startProxy(target, onFinished);
  enqueue(...behaviors);
  return { url, requests, users: createUsersClient({ baseUrl: url, timeout: 1_000, ...options }) };
}

function sendCanned(
  { status, headers, body = "" }: Extract<Behavior, { readonly status: number }>,
  outgoing: ServerResponse,
): void {
  outgoing.writeHead(status, headers);
  if (typeof body === "string" || body instanceof Uint8Array) return void outgoing.end(body);
  const source = Readable.from(body);
  outgoing.on("close", () => source.destroy());
  source.pipe(outgoing);
}
