import type { Authentication } from "./caller.ts";

/** The port to the issuer of access tokens. `@user-management/jwt-adapter` implements it. */
export interface TokenVerifier {
  /**
   * Verifies an access token: its signature, issuer, audience, type and times, and that it grants one of our scopes.
   * Any string is a valid argument. No URL in a token is ever requested.
   *
   * @throws UserError `unavailable` if the keys of the issuer have never been available, or not for a day
   */
  verify(token: string): Promise<Authentication>;
}
