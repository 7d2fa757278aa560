import { once } from "node:events";
import { Server as HttpServer } from "node:http";
import { Server } from "node:net";
import { setImmediate as nextTurn, setTimeout as elapsed } from "node:timers/promises";
import type { Connection, Phase } from "./connection.ts";
import type { Timeouts } from "./timeouts.ts";

export interface ShutdownOptions {
  readonly server: HttpServer;
  readonly connections: ReadonlyMap<unknown, Connection>;
  /** Changes the phase of the server, which the connections read. */
  readonly setPhase: (phase: Phase) => void;
  readonly timeouts: Timeouts;
}

/**
 * Shuts a server down without resetting a connection that a client has opened:
 *
 * 1. `draining`: requests are accepted as before, and each response closes its connection.
 * 2. `holding`: new requests wait. Clients that wait for a response open no new connection, so the queue of connections
 *    that the operating system has accepted runs empty. Closing the listening socket would reset those in the queue.
 * 3. `closing`: the server no longer listens, the requests that waited are handled, and a connection on which no
 *    request arrives is closed after a time of silence.
 *
 * Resolves when all connections are closed. Those that are open at the deadline are destroyed.
 */
export async function shutDown({ server, connections, setPhase, timeouts }: ShutdownOptions): Promise<void> {
  const deadline = setTimeout(() => {
    for (const { socket } of connections.values()) socket.destroy();
  }, timeouts.drain);
  enter("draining");
  await elapsed(timeouts.grace);
  enter("holding");
  await acceptQueue(server, connections, timeouts);
  const closed = once(server, "close");
  // `http.Server.close` would also destroy the connections that it considers idle.
  Server.prototype.close.call(server);
  enter("closing");
  await closed;
  clearTimeout(deadline);
  server.close(); // stops the check of request timeouts

  function enter(phase: Phase): void {
    setPhase(phase);
    for (const { update } of connections.values()) update();
  }
}

/** Lets the event loop accept the connections in the operating system's queue, of which libuv takes one in each turn. */
async function acceptQueue(
  server: HttpServer,
  connections: ShutdownOptions["connections"],
  { quiet, hold }: Timeouts,
): Promise<void> {
  const deadline = performance.now() + hold;
  const countHandling = () => [...connections.values()].filter(({ isHandling }) => isHandling()).length;
  let lastActivity = performance.now();
  let handling = countHandling();
  const recordActivity = () => {
    lastActivity = performance.now();
  };
  server.on("connection", recordActivity);
  while (performance.now() < Math.min(lastActivity + quiet, deadline)) {
    await elapsed(quiet / 20);
    await nextTurn(); // looks for a connection, even if the previous turn was long
    const previous = handling;
    handling = countHandling();
    if (handling < previous) recordActivity();
  }
  server.off("connection", recordActivity);
}
