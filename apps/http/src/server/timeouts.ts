/** Limits of the network side, in milliseconds. */
export const DEFAULT_TIMEOUTS_MS = {
  /** Options of `http.createServer`: receiving a request's headers, receiving a whole request, and how often both are checked. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  /** Idle time between two requests: more than the 60 s of common load balancers, which should close first. */
  keepAliveTimeout: 65_000,
  /**
   * A client that accepts no byte of a pending response for this long is disconnected. Node.js notices within twice
   * the time. It is longer than the 4.8 s that the application takes for a request at most.
   */
  stallTimeout: 30_000,
  /** A draining server keeps listening for this long, so that load balancers can see that it is not ready. */
  grace: 500,
  /**
   * Then new requests are held, and the server stops listening this long after the last connection and the last
   * response, after which a client may open one more connection; at the latest after `hold`.
   */
  quiet: 100,
  hold: 500,
  /** After that, a connection without a request is closed once it has been silent for this long. */
  silence: 500,
  /** The whole drain; connections that are still open are destroyed. */
  drain: 9_500,
  /** The process exits this long after the signal, even if log records are still waiting for their reader. */
  exit: 9_800,
};

export type Timeouts = typeof DEFAULT_TIMEOUTS_MS;

/** Lambda allows a web function about a second after SIGTERM, and sends it no request in that time. */
export const WEB_FUNCTION_TIMEOUTS_MS: Timeouts = { ...DEFAULT_TIMEOUTS_MS, grace: 0, quiet: 0, drain: 700, exit: 900 };
