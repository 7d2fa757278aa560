import {
  ANONYMOUS_CALLER,
  createApiKeyService,
  type ApiKeyServiceOptions,
  type RequestContext,
  type Scope,
} from "@user-management/domain";
import type { SendRequest } from "./test-client.ts";

/** The state of a credential. Only an active one is valid. */
export type CredentialState = "active" | "expired" | "revoked" | "deleted";

/** A service without users that requires a credential. */
export interface AccessService {
  /** Sends a request as it is, so without a credential unless it has one. */
  readonly request: SendRequest;
  /** Stores a new API key with exactly these scopes, active by default, and returns it. */
  readonly createCredential: (scopes: readonly Scope[], state?: CredentialState) => Promise<string>;
}

/** Starts a service. Vitest's `onTestFinished` stops it. */
export type StartAccessService = () => AccessService | Promise<AccessService>;

/** Creates the function that stores API keys where the service reads them. */
export function createCredentialFactory(options: ApiKeyServiceOptions): AccessService["createCredential"] {
  const { keys, now } = options;
  const keyService = createApiKeyService(options);
  const context: RequestContext = {
    requestId: "test",
    caller: ANONYMOUS_CALLER,
    signal: new AbortController().signal,
  };

  return async (scopes, state = "active") => {
    const expires_at = state === "expired" ? new Date(now().getTime() - 1_000).toISOString() : undefined;
    const { key, record } = await keyService.create({ name: "test", scopes, expires_at }, context);
    if (state === "revoked") await keyService.revoke(record.id, context);
    if (state === "deleted") await keys.delete(record.id, context);
    return key;
  };
}
