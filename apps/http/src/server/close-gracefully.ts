import type { Socket } from "node:net";

/** The time that a client has to close its direction of the connection. */
const LINGER_MS = 500;

/**
 * Closes the connection in the direction to the client first, after all written bytes and `lastBytes`. Bytes that the
 * client sends until it closes its own direction are read and discarded. Closing both directions while such bytes are
 * unread would send a reset, on which the client may lose the last response (RFC 9112 section 9.6).
 *
 * @param onFlushed called when the operating system has all bytes
 */
export function closeGracefully(socket: Socket, lastBytes?: string, onFlushed?: () => void): void {
  socket.removeAllListeners("data"); // detaches the HTTP parser, which would go on to create requests
  socket.on("data", () => undefined);
  if (lastBytes !== undefined) socket.write(lastBytes);
  socket.end(() => {
    onFlushed?.();
    const linger = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("close", () => clearTimeout(linger));
  });
  socket.resume();
}
