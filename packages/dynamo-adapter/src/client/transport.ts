/** The maximum time until a connection is established, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 1_000;

/** The maximum time from the start of a request to the end of its response, in milliseconds. */
export const ATTEMPT_TIMEOUT_MS = 1_200;

/** The maximum number of connections. Further requests wait for one. */
export const MAX_CONNECTIONS = 50;

/** The time after which an idle connection is closed, in milliseconds: less than it takes DynamoDB to close it. */
export const MAX_IDLE_MS = 4_000;

export interface HttpResponse {
  readonly status: number;
  /** Header fields by name in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** HTTP/1.1 with persistent connections to one endpoint. */
export interface Transport {
  /**
   * Sends a `POST` and reads the whole response. Does not follow redirects.
   *
   * @throws TransportError if there is no complete response in time
   */
  post(headers: Readonly<Record<string, string>>, body: string): Promise<HttpResponse>;
  /** Closes all connections. */
  close(): void;
}

/** Creates a transport to an endpoint. It opens no connection before the first request. */
export type CreateTransport = (endpoint: URL) => Transport;

/** A request without a complete response. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** The code of a system error or of TLS, or `ETIMEDOUT`. */
  readonly code: string;
  /** Whether the endpoint may have received the request. */
  readonly isSent: boolean;

  constructor(code: string, isSent: boolean, cause?: unknown) {
    super(`The request failed: ${code}.`, cause === undefined ? {} : { cause });
    this.code = code;
    this.isSent = isSent;
  }
}
