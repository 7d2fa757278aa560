import {
  ANONYMOUS_CALLER,
  createApiKeyList,
  createAuthenticator,
  type ApiKeyRecord,
  type Authenticator,
  type TokenVerifier,
} from "@user-management/domain";
import { nodePlatform, toTokenSettings } from "@user-management/node-platform";
import type { Logger } from "pino";
import { createUseRecorder } from "./key-use.ts";
import { StartError } from "./process-exit.ts";
import type { Settings } from "./settings.ts";
import { listAccessWarnings } from "./access-warnings.ts";
import type { Store } from "./store.ts";

/** The maximum time for a read of all keys, in milliseconds: less than a request may take. */
const LIST_TIMEOUT_MS = 4_500;

export interface Access extends Authenticator {
  /** Whether requests may be accepted without a credential, now or until the first key exists. */
  readonly mayBeAnonymous: boolean;
  /** Returns the age of the list of API keys in milliseconds; `undefined` before its first read. */
  readonly getKeyListAgeMs: () => number | undefined;
  /** Logs the warnings about access, once the keys are read. */
  readonly logWarnings: () => Promise<void>;
  /** Resolves when the uses of keys are stored; then the store is not used any more. */
  readonly close: () => Promise<void>;
}

export interface AccessOptions {
  readonly settings: Settings;
  readonly store: Pick<Store, "keys" | "keysMaxAgeMs">;
  readonly log: Logger;
  /** Whether the server listens on a loopback address. The address of the peer of a request has no influence. */
  readonly isLoopback: boolean;
}

/**
 * Composes the authentication of callers, and decides whether the server may start. Only on an address that other
 * machines reach does the start depend on the keys, and wait until they are read.
 *
 * @throws StartError if other machines reach the server and no caller could ever be authenticated
 * @throws SettingsError if the settings of access tokens are incomplete
 */
export async function openAccess({ settings, store, log, isLoopback }: AccessOptions): Promise<Access> {
  const tokens = await openTokenVerifier(settings, log);
  const mode = chooseMode(settings.USERS_AUTH, isLoopback && tokens === undefined);
  const uses = createUseRecorder(store.keys, log);
  let isClosed = false;
  let records: readonly ApiKeyRecord[] | undefined;

  const keys = createApiKeyList({
    ...nodePlatform,
    maxAgeMs: store.keysMaxAgeMs,
    async load() {
      const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
      records = await store.keys.list({ requestId: "key list", caller: ANONYMOUS_CALLER, signal });
      return records;
    },
    onUse: uses.record,
    onRejection: (key, state) => log.warn({ key }, `requests with an API key that is ${state} are rejected`),
    onError: logUnreadable,
  });

  const firstRead = mode === "none" ? undefined : readKeys();
  if (!isLoopback && mode !== "none" && !tokens) {
    if ((await firstRead) === true) throw new StartError(CLOSED_FOR_ALL);
  }

  return {
    ...createAuthenticator({ mode, keys, tokens }),
    mayBeAnonymous: mode !== "required",
    getKeyListAgeMs: () => keys.getAgeMs(),
    async logWarnings() {
      await firstRead;
      const warnings = listAccessWarnings({ mode, hasIssuer: tokens !== undefined, keys: records, now: new Date() });
      if (!isClosed) for (const warning of warnings) log.warn(warning);
    },
    close() {
      isClosed = true;
      return uses.close();
    },
  };

  /** Returns whether no key exists, or `undefined` if the keys cannot be read. */
  async function readKeys(): Promise<boolean | undefined> {
    try {
      return await keys.isEmpty();
    } catch (error) {
      logUnreadable(error);
      return undefined;
    }
  }

  function logUnreadable(err: unknown): void {
    if (!isClosed) log.warn({ err }, "the API keys cannot be read; without a recent list of them requests return 503");
  }
}

const CLOSED_FOR_ALL =
  "other machines can reach this server, but there is no way to authenticate callers. " +
  "Create an API key (userctl keys create --name NAME --scopes users:read,users:list,users:write,users:delete), " +
  "set USERS_TOKEN_ISSUER and USERS_TOKEN_AUDIENCE, or set USERS_AUTH=none behind a gateway that authenticates callers";

function chooseMode(setting: Settings["USERS_AUTH"], isUntilFirstKey: boolean) {
  if (setting !== "auto") return setting;
  return isUntilFirstKey ? "until-first-key" : "required";
}

/** Imports the verifier on demand, and loads the keys of the issuer beside the start of the server. */
async function openTokenVerifier(settings: Settings, log: Logger): Promise<TokenVerifier | undefined> {
  const tokenSettings = toTokenSettings(settings);
  if (!tokenSettings) return undefined;
  const { createJwtVerifier } = await import("@user-management/jwt-adapter");
  const onError = (err: unknown) => log.warn({ err }, "the keys of the token issuer cannot be loaded");
  const verifier = createJwtVerifier({ ...tokenSettings, ...nodePlatform, onError });
  verifier.load().catch(onError);
  return verifier;
}
