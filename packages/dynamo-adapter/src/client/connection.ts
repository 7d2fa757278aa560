import type { Credentials } from "./signature.ts";

/** Where the wire client connects to, and as whom. Errors of its functions make calls fail; later calls try again. */
export interface Connection {
  /** Returns the endpoint and the region for which requests to it are signed. It is called until it succeeds once. */
  readonly resolveEndpoint: () => Promise<{ readonly url: URL; readonly signingRegion: string }>;
  /**
   * Returns credentials that have not expired, as far as their source knows. It is called for every request.
   *
   * @param options `forceRefresh` requests new ones, because DynamoDB has rejected the current ones as expired
   */
  readonly getCredentials: (options?: { readonly forceRefresh?: boolean }) => Promise<Credentials>;
}
