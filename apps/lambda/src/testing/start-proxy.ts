import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A TCP proxy whose connections can be interrupted. */
export interface InterruptibleProxy {
  readonly endpoint: string;
  /** Returns the number of open connections to the proxy. */
  readonly countConnections: () => number;
  /**
   * Closes every connection, as a server closes those that are idle for long.
   *
   * @throws Error if there is none
   */
  readonly closeConnections: () => Promise<void>;
  /** Accepts connections from now on without forwarding any data, in either direction. */
  readonly hang: () => void;
  /** Forwards data again, on new connections. */
  readonly recover: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts a proxy in front of the server at `target`. */
export async function startProxy(target: string): Promise<InterruptibleProxy> {
  const { hostname, port } = new URL(target);
  const connections = new Set<Socket>();
  let isHanging = false;
  const server = createServer((downstream) => {
    const upstream = connect(Number(port), hostname);
    connections.add(downstream);
    for (const [from, to] of [[downstream, upstream] as const, [upstream, downstream] as const]) {
      from.on("data", (bytes) => isHanging || to.write(bytes));
      from.on("error", () => undefined); // After an error the socket emits `close`.
      from.on("close", () => {
        to.destroy();
        connections.delete(downstream);
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const destroyAll = () => Promise.all([...connections].map((connection) => once(connection.destroy(), "close")));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    countConnections: () => connections.size,
    async closeConnections() {
      if ((await destroyAll()).length === 0) throw new Error("There is no connection to close.");
    },
    hang: () => void (isHanging = true),
    async recover() {
      isHanging = false;
      await destroyAll(); // Data of these connections is lost.
    },
    async stop() {
      server.close();
      await destroyAll();
    },
  };
}
