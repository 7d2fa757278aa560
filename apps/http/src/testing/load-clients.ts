import { Agent, request } from "node:http";
import { connect } from "node:net";
import { setTimeout as elapsed } from "node:timers/promises";
import { onTestFinished } from "vitest";

export interface LoadClient {
  /** The number of complete responses so far. */
  readonly responses: number;
  /** Resolves when the server no longer accepts connections, with the requests that got no complete response. */
  readonly finished: Promise<string[]>;
}

type Outcome = "responded" | "refused" | { readonly cut: string };

/** Sends one request after the other until the server no longer listens. */
function startClient(name: string, send: () => Promise<Outcome>, thinkTimeMs = 0): LoadClient {
  const client = { responses: 0, finished: run() };
  return client;

  async function run(): Promise<string[]> {
    const cut: string[] = [];
    for (;;) {
      const outcome = await send();
      if (outcome === "refused") return cut;
      if (outcome === "responded") client.responses += 1;
      else cut.push(`${name}: ${outcome.cut}`);
      if (thinkTimeMs > 0) await elapsed(Math.random() * thinkTimeMs);
    }
  }
}

/** Uses the connection pool of `fetch`. */
export function startFetchClient(url: string, init?: () => RequestInit): LoadClient {
  return startClient("fetch", async () => {
    try {
      const response = await fetch(url, init?.());
      await response.arrayBuffer();
      return "responded";
    } catch (error) {
      return toOutcome((error as Error).cause);
    }
  });
}

/** Keeps one connection open, and pauses up to `thinkTimeMs` between its requests. */
export function startKeepAliveClient(url: string, thinkTimeMs: number): LoadClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const send = () =>
    new Promise<Outcome>((resolve) => {
      const outgoing = request(url, { agent }, (incoming) => {
        incoming.resume();
        incoming.once("close", () => resolve(incoming.complete ? "responded" : { cut: "incomplete response" }));
      });
      outgoing.once("error", (error) => resolve(toOutcome(error)));
      outgoing.end();
    });
  return startClient("keep-alive", send, thinkTimeMs);
}

/** Opens a connection for each request, and sends the request `delayMs` after the connection is established. */
export function startConnectingClient(url: string, delayMs = 0): LoadClient {
  const { hostname, port, pathname } = new URL(url);
  const send = () =>
    new Promise<Outcome>((resolve) => {
      let received = "";
      const socket = connect(Number(port), hostname);
      socket.once("connect", async () => {
        if (delayMs > 0) await elapsed(delayMs);
        socket.write(`GET ${pathname} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      });
      socket.setEncoding("latin1").on("data", (chunk) => (received += String(chunk)));
      socket.once("error", (error) => resolve(toOutcome(error)));
      socket.once("close", () => resolve(isComplete(received) ? "responded" : { cut: "incomplete response" }));
    });
  return startClient("new connection", send);
}

function isComplete(received: string): boolean {
  const length = /content-length: (\d+)\r\n/i.exec(received)?.[1];
  return received.split("\r\n\r\n", 2)[1]?.length === Number(length);
}

/** A client whose connection attempt fails has not sent its request. */
function toOutcome(error: unknown): Outcome {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === "connect" ? "refused" : { cut: String(error) };
}
