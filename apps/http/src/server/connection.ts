import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { closeGracefully } from "./close-gracefully.ts";
import { formatRawResponse } from "./problem-response.ts";
import type { RequestRecord } from "@user-management/rest-adapter";
import type { Timeouts } from "./timeouts.ts";

/** The phases of a server in their order, see `graceful-shutdown.ts`. */
export type Phase = "serving" | "draining" | "holding" | "closing";

export interface ConnectionOptions {
  /** Handles the request `outgoing.req`, whose body may still arrive. */
  readonly handle: (outgoing: ServerResponse) => void;
  /** Called for every response to bytes that `handle` does not receive. */
  readonly onResponse: (record: RequestRecord) => void;
  readonly getPhase: () => Phase;
  readonly timeouts: Timeouts;
}

export interface Connection {
  readonly socket: Socket;
  /** Adds the response to a request that has arrived. */
  readonly add: (outgoing: ServerResponse) => void;
  /** Responds to bytes that are invalid or late, and closes the connection. They follow the last request, or are its body. */
  readonly fail: (error: Error) => void;
  /** Reports whether a response is in progress. Requests that wait do not count. */
  readonly isHandling: () => boolean;
  /** Adapts to a new phase of the server. */
  readonly update: () => void;
}

/**
 * Handles the requests of a connection one at a time. The next one is handled when the operating system has taken the
 * previous response, and the connection is not read until then. Otherwise a client that pipelines requests without
 * reading the responses would fill the memory.
 */
export function createConnection(socket: Socket, options: ConnectionOptions): Connection {
  const { handle, onResponse, getPhase, timeouts } = options;
  /** Requests that wait for the current one. */
  const held: ServerResponse[] = [];
  let current: ServerResponse | undefined;
  let latest: ServerResponse | undefined;
  let failure: Error | undefined;
  /** The position of the latest request. Requests at the same position have been read at once. */
  let bytesRead = 0;
  let isAdvancing = false;
  let isPaused = false;
  let isClosing = false;

  socket.destroySoon = () => close(); // Node.js calls it after a response with `Connection: close`
  socket.on("error", () => undefined); // a client that has disconnected
  socket.on("timeout", onTimeout);
  // Node.js resumes reading by itself, for instance when the body of a request has been consumed.
  socket.on("resume", () => {
    if (isPaused) socket.pause();
  });
  socket.once("close", () => held.splice(0));

  function add(outgoing: ServerResponse): void {
    if (isClosing) return;
    latest = outgoing;
    failure = undefined; // a request that was late is complete now
    held.push(outgoing);
    if (socket.bytesRead === bytesRead) advanceLater();
    else advance();
    bytesRead = socket.bytesRead;
    if (held.length === 0 || isPaused) return;
    isPaused = true;
    socket.pause();
  }

  function fail(error: Error): void {
    if (isClosing) return;
    if (!socket.writable) return void socket.destroy();
    // A request is not late if the connection is not read.
    if (isPaused && "code" in error && error.code === "ERR_HTTP_REQUEST_TIMEOUT") return;
    failure = error;
    if (current && current === latest && !current.req.complete && !current.headersSent) reject(error, current.req);
    else advance();
  }

  /** Handles the next request, or the failure after the last one. */
  function advance(): void {
    if (current || isClosing || getPhase() === "holding") return;
    const next = held.shift();
    const isIncomplete = latest?.req.complete === false;
    if (next && failure && next === latest && isIncomplete) reject(failure, next.req);
    else if (next) start(next);
    else if (failure && isIncomplete) close();
    else if (failure) reject(failure);
    else if (getPhase() === "closing") socket.setTimeout(timeouts.silence);
  }

  /** Keeps pipelined requests from blocking the event loop: it serves the other connections before the next one. */
  function advanceLater(): void {
    if (isAdvancing) return;
    isAdvancing = true;
    setImmediate(() => {
      isAdvancing = false;
      advance();
    });
  }

  function start(outgoing: ServerResponse): void {
    current = outgoing;
    outgoing.once("close", () => {
      current = undefined;
      if (held.length > 0) advanceLater();
      else advance();
    });
    if (getPhase() !== "serving") {
      socket.setTimeout(timeouts.stallTimeout);
      announceClose();
    }
    if (isPaused && held.length === 0) {
      isPaused = false;
      socket.resume();
    }
    handle(outgoing);
  }

  function update(): void {
    if (getPhase() === "draining") announceClose();
    else advance();
  }

  /** Lets the last response that is due close the connection. */
  function announceClose(): void {
    if (current && !current.headersSent && held.length === 0) current.setHeader("connection", "close");
  }

  function onTimeout(): void {
    const isBusy = current !== undefined || held.length > 0;
    // The application is at work or the body is arriving. Both have deadlines of their own.
    if (isBusy && socket.writableLength === 0) socket.setTimeout(timeouts.stallTimeout);
    else if (isBusy || isClosing) socket.destroy();
    else closeIfSilent();
  }

  /** Closes an idle connection, unless a request has arrived that the event loop has not read yet. */
  function closeIfSilent(): void {
    const position = socket.bytesRead;
    setImmediate(() => {
      if (!current && socket.bytesRead === position) close();
    });
  }

  function reject(error: Error, incoming?: IncomingMessage): void {
    const { problem, bytes, record } = formatRawResponse(error, incoming);
    if (!current) onResponse(record); // the application records the request that it handles
    close(bytes, () => incoming?.destroy(problem));
  }

  function close(lastBytes?: string, onFlushed?: () => void): void {
    if (isClosing) return;
    isClosing = true;
    isPaused = false;
    held.splice(0);
    closeGracefully(socket, lastBytes, onFlushed);
  }

  return { socket, add, fail, isHandling: () => current !== undefined, update };
}
