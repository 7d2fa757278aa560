import type { Caller } from "./access/caller.ts";

declare global {
  /** The platform's `AbortSignal`. The domain depends on no platform and declares only that the type exists. */
  interface AbortSignal {}
}

/** Describes the request on whose behalf a use case runs. It is the last parameter of every use case and port method. */
export interface RequestContext {
  /** Identifies the request in responses and log records. */
  readonly requestId: string;
  /** The caller, whose scopes have been checked. A program that calls the use cases directly is an anonymous caller. */
  readonly caller: Caller;
  /** Aborts at the deadline of the request, or once its result is no longer needed. */
  readonly signal: AbortSignal & { readonly aborted: boolean; readonly reason: any };
}
