import {
  ANONYMOUS_CALLER,
  createApiKeyList,
  createAuthenticator,
  SCOPES,
  type ApiKeyRecord,
  type ApiKeyRepository,
  type Caller,
  type RequestContext,
  type TokenVerifier,
} from "@user-management/domain";
import { nodePlatform } from "@user-management/node-platform";
import type { Authenticate } from "@user-management/rest-adapter";
import { getUserArn, type GatewayContext } from "./http-events.ts";
import type { Log } from "./log.ts";
import type { Settings } from "./settings.ts";

/** The maximum age of the list of keys, and with it the time until a revoked key is rejected everywhere. */
const MAX_LIST_AGE_MS = 30_000;

/** The timeout of a read of the list. Lambda limits the whole initialization to 10 seconds. */
const LIST_TIMEOUT_MS = 4_500;

/** The timeout of the write of a last use. The response of that request waits for it. */
const USE_TIMEOUT_MS = 1_000;

/** The number of characters of a digest that identify an IAM identity in log records. */
const CALLER_ID_LENGTH = 12;

export interface FunctionAuthenticationOptions {
  readonly mode: Settings["USERS_AUTH"];
  readonly keys: ApiKeyRepository;
  /** Access tokens are invalid without a verifier. */
  readonly tokens?: TokenVerifier | undefined;
  readonly log: Log;
  readonly now?: () => Date;
}

export interface FunctionAuthentication {
  readonly authenticate: Authenticate<{ readonly requestContext?: GatewayContext }>;
  /** Reads the keys during initialization. Unavailable keys do not prevent the start. Logs a state that is unusual. */
  readonly open: () => Promise<void>;
  /** Resolves once the last uses of keys are stored, at the latest after `timeoutMs`. */
  readonly settle: (timeoutMs: number) => Promise<void>;
}

/** Creates the authentication of callers by API keys, access tokens and, in the mode `iam`, by AWS IAM. */
export function createFunctionAuthentication(options: FunctionAuthenticationOptions): FunctionAuthentication {
  const { mode, keys, tokens, log, now = nodePlatform.now } = options;
  const writes = new Set<Promise<void>>();
  const list = createApiKeyList({
    ...nodePlatform,
    now,
    load,
    maxAgeMs: MAX_LIST_AGE_MS,
    onUse,
    onError: (error) => log.warn("The API keys cannot be read.", error),
  });
  const authenticator = createAuthenticator({ mode: mode === "none" ? "none" : "required", keys: list, tokens });

  return {
    authenticate(credential, { requestContext }) {
      // A credential takes precedence: its caller has its scopes only, also in a request that IAM has accepted.
      const arn = mode === "iam" && credential === undefined && requestContext ? getUserArn(requestContext) : undefined;
      return arn === undefined ? authenticator.authenticate(credential) : { caller: toIamCaller(arn) };
    },

    async open() {
      if (mode === "none") return log.warn("USERS_AUTH is none: every request is accepted without a credential.");
      try {
        const isEmpty = await list.isEmpty();
        if (isEmpty && mode === "required" && !tokens) {
          log.warn("There is no API key, and no issuer of access tokens is set: every request is rejected.");
        }
      } catch (error) {
        log.warn("The API keys cannot be read.", error);
      }
    },

    async settle(timeoutMs) {
      if (writes.size === 0) return;
      const { promise: timedOut, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, Math.max(timeoutMs, 0));
      await Promise.race([Promise.all(writes), timedOut]);
      clearTimeout(timer);
    },
  };

  /**
   * Reads the keys. Lambda may freeze the environment during a read that no request waits for. Such a read is repeated,
   * because its result is as old as the freeze was long, and its failure reveals nothing about the table.
   */
  async function load(): Promise<ApiKeyRecord[]> {
    const deadlineMs = now().getTime() + LIST_TIMEOUT_MS + 500;
    const wasFrozen = () => now().getTime() > deadlineMs;
    try {
      const records = await keys.list(createContext("key list", LIST_TIMEOUT_MS));
      if (!wasFrozen()) return records;
    } catch (error) {
      if (!wasFrozen()) throw error;
    }
    return load();
  }

  /** Stores the last use of a key. Lambda may freeze the environment after the invocation, so `settle` waits for it. */
  function onUse(id: string, hour: string): void {
    const write = keys
      .recordUse(id, hour, createContext("last use", USE_TIMEOUT_MS))
      .catch((error: unknown) => log.warn("The last use of an API key cannot be stored.", error))
      .finally(() => writes.delete(write));
    writes.add(write);
  }
}

function createContext(requestId: string, timeoutMs: number): RequestContext {
  return { requestId, caller: ANONYMOUS_CALLER, signal: AbortSignal.timeout(timeoutMs) };
}

/** Returns the caller with this ARN. The ARN itself is not logged, because the name of a session is often an email. */
function toIamCaller(arn: string): Caller {
  return { id: nodePlatform.digest(arn).slice(0, CALLER_ID_LENGTH), auth: "iam", scopes: SCOPES };
}
