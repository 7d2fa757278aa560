import type { IncomingMessage } from "node:http";
import { UserError, type Authentication, type Authenticator } from "@user-management/domain";
import type { Authenticate } from "@user-management/rest-adapter";
import type { NodeEnv } from "./server/start-server.ts";

export interface RequestAccess {
  readonly authenticate: Authenticate<NodeEnv>;
  /** Reports whether a request is rejected because the server is unauthenticated. */
  readonly isMisdirected: (incoming: IncomingMessage) => Promise<boolean>;
}

/** Limits anonymous access to local requests. While credentials are required, every request may authenticate. */
export function limitToLocalRequests(
  authenticator: Authenticator,
  isLocal: (incoming: IncomingMessage) => boolean,
): RequestAccess {
  /** The requests that are not local and arrived when it was unknown whether a key exists. */
  const undecided = new WeakSet<IncomingMessage>();

  return {
    async isMisdirected(incoming) {
      if (isLocal(incoming)) return false;
      try {
        return await authenticator.acceptsAnonymous();
      } catch {
        // Public routes respond as usual.
        undecided.add(incoming);
        return false;
      }
    },

    authenticate(credential, { incoming }) {
      const authentication = authenticator.authenticate(credential);
      return undecided.has(incoming) ? rejectAnonymous(authentication) : authentication;
    },
  };
}

/** The keys may have become available since the request arrived. */
async function rejectAnonymous(authentication: Authentication | Promise<Authentication>): Promise<Authentication> {
  const result = await authentication;
  if ("caller" in result && result.caller.auth === "none") throw new UserError("unavailable");
  return result;
}
