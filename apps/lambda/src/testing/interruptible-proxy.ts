import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a server that can be cut. */
export interface InterruptibleProxy {
  readonly endpoint: string;
  /** How many connections are open on it. */
  readonly connections: () => number;
  /** Ends every connection, as a server does with those that were idle for long; there must be one. */
  readonly drop: () => Promise<void>;
  /** From now on connections are accepted, and nothing goes through in either direction. */
  readonly hang: () => void;
  /** Lets everything through again, on new connections. */
  readonly recover: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function startProxy(to: string): Promise<InterruptibleProxy> {
  const { hostname, port } = new URL(to);
  const open = new Set<Socket>();
  let hanging = false;
  const server = createServer((client) => {
    const target = connect(Number(port), hostname);
    open.add(client);
    for (const [from, into] of [[client, target] as const, [target, client] as const]) {
      from.on("data", (bytes) => hanging || into.write(bytes));
      from.on("error", () => undefined); // It closes, and that is all there is to know.
      from.on("close", () => {
        into.destroy();
        open.delete(client);
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const end = () => Promise.all([...open].map((client) => once(client.destroy(), "close")));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => open.size,
    async drop() {
      if ((await end()).length === 0) throw new Error("there was no connection to drop");
    },
    hang: () => void (hanging = true),
    async recover() {
      hanging = false;
      await end(); // They have lost bytes.
    },
    async close() {
      server.close();
      await end();
    },
  };
}
