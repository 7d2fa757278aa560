import type { ApiKeyRepository } from "@user-management/domain";
import { createInMemoryApiKeyRepository, createInMemoryUserRepository } from "@user-management/domain/testing";
import { nodePlatform } from "@user-management/node-platform";
import { createCredentialFactory, type AccessService } from "@user-management/rest-adapter/testing";
import { createFunctionAuthentication, type FunctionAuthenticationOptions } from "../authentication.ts";
import type { HandlerOptions, UsersHandler } from "../create-handler.ts";
import { toHttpEvent, type ToEvent } from "./events.ts";
import { createSendRequest, createTestHandler, SILENT_LOG } from "./test-handler.ts";

interface AccessServiceOptions
  extends Partial<FunctionAuthenticationOptions>, Partial<Pick<HandlerOptions, "allowedOrigins">> {
  readonly toEvent?: ToEvent;
}

/** The function without users, over a repository of API keys and without the composition root. */
export interface FunctionAccessService extends AccessService {
  readonly handler: UsersHandler["handler"];
  readonly keys: ApiKeyRepository;
  /** Reads the keys, as during initialization. */
  readonly open: () => Promise<void>;
}

/** Creates the function, which by default requires a credential. */
export function createAccessService(options: AccessServiceOptions = {}): FunctionAccessService {
  const {
    toEvent = toHttpEvent,
    mode = "required",
    keys = createInMemoryApiKeyRepository(),
    log = SILENT_LOG,
  } = options;
  const { authenticate, open, settle } = createFunctionAuthentication({ ...options, mode, keys, log });
  const { allowedOrigins = [] } = options;
  const repository = createInMemoryUserRepository();
  const handler = createTestHandler(repository, { authenticate, settle, allowedOrigins, log });
  const request = createSendRequest(handler, toEvent);
  const createCredential = createCredentialFactory({ keys, ...nodePlatform });
  return { handler, keys, open, request, createCredential };
}
