import type { Socket } from "node:net";
import { createResponseParser, type HttpResponse, type ParsedResponse } from "./response-parser.ts";

/** The maximum time until a connection is established, in milliseconds. */
const CONNECT_TIMEOUT_MS = 1_000;

/** The maximum time from the start of a request to the end of its response, in milliseconds. */
export const ATTEMPT_TIMEOUT_MS = 1_200;

/** A request without a complete response. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /**
   * The code of a system error or of TLS, or `ETIMEDOUT`, `EPROTO` (the response is not HTTP), `ERR_INVALID_CHAR` (a header
   * field cannot be sent, such as invalid credentials) or `ECANCELED`.
   */
  readonly code: string;
  /** Whether the endpoint may have received the request. */
  readonly isSent: boolean;

  constructor(code: string, isSent: boolean, cause?: unknown) {
    super(`The request failed: ${code}.`, cause === undefined ? {} : { cause });
    this.code = code;
    this.isSent = isSent;
  }
}

/** A request that waits for its response. */
export interface PendingRequest {
  /** The request as it is sent. */
  readonly text: string;
  /** Aborts when the caller no longer waits. */
  readonly signal: AbortSignal | undefined;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: TransportError) => void;
}

/** A persistent connection, which has at most one request at a time. */
export interface SocketConnection {
  /** Sends a request, or keeps it until the connection is established. */
  readonly send: (request: PendingRequest) => void;
  /** Closes the connection. Its request is rejected. */
  readonly destroy: () => void;
  /** Returns the time at which the last response was complete, in milliseconds since the epoch. */
  readonly getIdleSinceMs: () => number;
}

interface SocketConnectionOptions {
  /** A socket that is being connected. */
  readonly socket: Socket;
  /** The event of the socket after which requests can be sent. */
  readonly connectEvent: "connect" | "secureConnect";
  /** Called after each response if the connection can be used for another request. */
  readonly onIdle: () => void;
  /** Called once, after the end of the connection. */
  readonly onClose: () => void;
}

/** Creates a connection on a socket. It closes the socket after an error, a timeout, or a response that is the last one. */
export function createSocketConnection(options: SocketConnectionOptions): SocketConnection {
  const { socket, connectEvent, onIdle, onClose } = options;
  let isConnected = false;
  let isClosed = false;
  let idleSinceMs = 0;
  let request: PendingRequest | undefined;
  let parser = createResponseParser();
  let timer = setTimeout(close, CONNECT_TIMEOUT_MS, "ETIMEDOUT");

  socket.once(connectEvent, () => {
    isConnected = true;
    clearTimeout(timer);
    if (request) write(request);
  });
  socket.on("data", (bytes: Buffer) => readResponse(() => parser.add(bytes)));
  socket.on("end", () => {
    readResponse(() => parser.end());
    close("ECONNRESET");
  });
  socket.on("error", (error) => close("code" in error ? String(error.code) : error.name, error));
  socket.on("close", () => close("ECONNRESET"));

  return {
    send(next) {
      request = next;
      if (isConnected) write(next);
    },
    destroy: () => close("ECANCELED"),
    getIdleSinceMs: () => idleSinceMs,
  };

  function write({ text }: PendingRequest): void {
    timer = setTimeout(close, ATTEMPT_TIMEOUT_MS, "ETIMEDOUT");
    // An idle connection does not keep the process alive, see below.
    socket.ref();
    socket.write(text);
  }

  function readResponse(parse: () => ParsedResponse | undefined): void {
    // Bytes that arrive without a request must not become the response to the next one.
    if (!request) return close("EPROTO");
    try {
      const response = parse();
      if (response) complete(request, response);
    } catch (error) {
      close("EPROTO", error);
    }
  }

  function complete({ resolve }: PendingRequest, response: ParsedResponse): void {
    clearTimeout(timer);
    request = undefined;
    parser = createResponseParser();
    resolve(response);
    // A server that has not read the whole request would not read the next one either.
    if (!response.isReusable || socket.writableLength > 0) return close("ECONNRESET");
    idleSinceMs = Date.now();
    socket.unref();
    onIdle();
  }

  function close(code: string, cause?: unknown): void {
    if (isClosed) return;
    isClosed = true;
    clearTimeout(timer);
    socket.destroy();
    request?.reject(new TransportError(code, isConnected, cause));
    onClose();
  }
}
