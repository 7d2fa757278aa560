import { ANONYMOUS_CALLER, createAuditedUserService, createUserService } from "@user-management/domain";
import { nodePlatform } from "@user-management/node-platform";
import { createApp } from "@user-management/rest-adapter";
import type { Logger } from "pino";
import { openAccess } from "./access.ts";
import { limitToLocalRequests } from "./anonymous-requests.ts";
import { logAudit, logRequest } from "./log.ts";
import { createAdminRoutes } from "./pages/admin-routes.ts";
import { createDocsRoutes } from "./pages/docs-routes.ts";
import { createClientAddress } from "./server/client-address.ts";
import { resolveEndpoint } from "./server/listen-address.ts";
import { createLocalRequestCheck } from "./server/misdirected-request.ts";
import { createNetworks } from "./server/networks.ts";
import { inviteBody, startServer, type NodeEnv, type ServerOptions } from "./server/start-server.ts";
import type { Settings } from "./settings.ts";
import { openStore, type Store } from "./store.ts";

/** How long the first connection to the store may take before a warning, in milliseconds. */
const PING_TIMEOUT_MS = 4_800;

export interface Application {
  readonly url: string;
  /** The maximum time for the end of the process after a stop signal, in milliseconds. */
  readonly exitTimeoutMs: number;
  /** Shuts down gracefully: closes the store after the last response. */
  readonly stop: () => Promise<void>;
}

export interface ApplicationOptions {
  readonly settings: Settings;
  readonly log: Logger;
  /** Defaults to the store of the settings. */
  readonly store?: Store;
  /** Replaces timeouts of the server. */
  readonly timeouts?: ServerOptions["timeouts"];
}

/**
 * The composition root: opens the store, composes use cases, access and routes, and starts the server.
 *
 * @throws StartError, SettingsError, or UserError `unavailable`, if the server cannot start
 */
export async function startApplication({ settings, log, ...options }: ApplicationOptions): Promise<Application> {
  const { USERS_AUTH, USERS_ALLOWED_HOSTS, USERS_ALLOWED_ORIGINS, USERS_TRUSTED_PROXIES } = settings;
  const { host, port, timeouts, isLoopback } = await resolveEndpoint(settings);
  const store = options.store ?? (await openStore(settings));
  const access = await openAccess({ settings, store, log, isLoopback });
  const users = createAuditedUserService(createUserService({ users: store.users, ...nodePlatform }), (record) =>
    logAudit(log, record),
  );

  const trustedProxies = createNetworks(USERS_TRUSTED_PROXIES);
  const isLocal = createLocalRequestCheck({
    allowedHosts: USERS_ALLOWED_HOSTS,
    allowedOrigins: USERS_ALLOWED_ORIGINS,
    // Until the first key exists, there is no gateway that authenticates callers.
    trustedProxies: USERS_AUTH === "none" ? trustedProxies : createNetworks([]),
  });
  const { authenticate, isMisdirected } = limitToLocalRequests(access, isLocal);
  const getClientAddress = createClientAddress(trustedProxies);

  let isDraining = false;
  const onResponse: ServerOptions["onResponse"] = (record) => logRequest(log, record);
  const { fetch } = createApp<NodeEnv>({
    users,
    authenticate,
    getClientAddress: ({ incoming }) => getClientAddress(incoming),
    allowedOrigins: USERS_ALLOWED_ORIGINS,
    onReadBody: inviteBody,
    onResponse,
    routes: [...createDocsRoutes(), ...createAdminRoutes()],
    isDraining: () => isDraining,
  });
  const server = await startServer({
    host,
    port,
    timeouts: { ...timeouts, ...options.timeouts },
    fetch,
    isMisdirected: isLoopback && access.mayBeAnonymous ? isMisdirected : undefined,
    onResponse,
    onError: (err) => log.error({ err }, "unexpected error"),
  });
  log.info(`listening on ${server.url}, users in ${store.name}; stop with Ctrl-C or SIGTERM`);
  void access.logWarnings();
  const context = { requestId: "start", caller: ANONYMOUS_CALLER, signal: AbortSignal.timeout(PING_TIMEOUT_MS) };
  users.ping(context).catch((err: unknown) => log.warn({ err }, "the store is unavailable"));

  return {
    url: server.url,
    exitTimeoutMs: timeouts.exit,
    async stop() {
      isDraining = true;
      await server.drain();
      await access.close();
      store.close();
    },
  };
}
