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
import { buffer } from "node:stream/consumers";
import { onTestFinished, type TestContext } from "vitest";

/**
 * What becomes of a request: it goes through to the service, or something happens to it on the way there or back. An
 * answer can end after half of its body: with the connection, or not at all.
 */
export type Fate =
  | "pass"
  | "hang"
  | "reset"
  | "done, then hang"
  | "done, then reset"
  | "done, then cut off"
  | "done, then stall"
  | { readonly status: number; readonly headers?: OutgoingHttpHeaders; readonly body?: string };

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** When it came, in milliseconds since the process began. */
  readonly at: number;
  /** Resolves when it has its answer, or its connection has ended. */
  readonly over: Promise<unknown>;
}

export interface Proxy {
  readonly url: string;
  /** Every request that has come. */
  readonly calls: Call[];
  /** What becomes of the next requests, one by one; those after them pass. */
  readonly expect: (...fates: Fate[]) => void;
}

/**
 * A server in front of another one that does to each request what it is told.
 *
 * @param onFinished takes what is to be done when the test is over; a concurrent test has one of its own
 */
export async function startProxy(
  target = "http://127.0.0.1:1",
  onFinished: TestContext["onTestFinished"] = onTestFinished,
): Promise<Proxy> {
  const calls: Call[] = [];
  const fates: Fate[] = [];
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    expect: (...next) => void fates.push(...next),
  };

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const { method = "", url: path = "", headers, socket } = incoming;
    calls.push({ method, path, headers, body: body.toString(), at: performance.now(), over: once(outgoing, "close") });
    const fate = fates.shift() ?? "pass";
    if (fate === "hang") return;
    if (fate === "reset") return void socket.resetAndDestroy();
    if (typeof fate === "object") return void outgoing.writeHead(fate.status, fate.headers).end(fate.body);
    const passed = request(target + path, { method, headers, agent: false }).end(body);
    const [response] = (await once(passed, "response")) as [IncomingMessage];
    const answer = await buffer(response);
    if (fate === "done, then hang") return;
    if (fate === "done, then reset") return void socket.resetAndDestroy();
    outgoing.writeHead(response.statusCode!, { ...response.headers, "content-length": answer.byteLength });
    if (fate === "pass") return void outgoing.end(answer);
    outgoing.write(answer.subarray(0, answer.byteLength / 2), () => fate === "done, then cut off" && socket.destroy());
  }
}
