import type { Context } from "hono";

/** One request and its answer, as a log should know them: no body, no query, no id, nothing of a person. */
export interface Exchange {
  /** The client's `X-Request-Id`, or one made here. */
  readonly requestId: string;
  readonly method: string;
  /** The pattern of the route, such as `/users/:id`; `/*` when there is none for the path and method. */
  readonly route: string;
  readonly status: number;
  /** From the request's arrival in the app until its answer is ready, in milliseconds. */
  readonly milliseconds: number;
  /** The length of the answer's body. */
  readonly bytes: number;
  /** What went wrong inside, when the status is 500 or more. */
  readonly error?: unknown;
}

/** What the handlers of one request share. */
export interface AppEnv {
  Variables: {
    requestId: string;
    /** The length of the answer's body in bytes. */
    bytes: number;
  };
}

export type AppContext = Context<AppEnv>;

/** The client's id when it is harmless in a header and in a log, otherwise a new one. */
export function requestIdOf(header: string | null | undefined): string {
  return header != null && /^[A-Za-z0-9._-]{1,128}$/.test(header) ? header : crypto.randomUUID();
}
