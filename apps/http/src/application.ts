import {
  ANONYMOUS_CALLER,
  createAuditedUserService,
  createUserService,
  type RequestContext,
} from "@user-management/domain";
import { nodePlatform } from "@user-management/node-platform";
import { createApp, createReadinessCheck } from "@user-management/rest-adapter";
import type { Logger } from "pino";
import { openAccess } from "./access.ts";
import { limitToLocalRequests } from "./anonymous-requests.ts";
import { logAudit, logRequest } from "./log.ts";
import { openMetrics } from "./metrics/open-metrics.ts";
import { createAdminRoutes } from "./pages/admin-routes.ts";
import { createDocsRoutes } from "./pages/docs-routes.ts";
import { getBaseUrl } from "./server/base-url.ts";
import { createClientAddress } from "./server/client-address.ts";
import { resolveEndpoint } from "./server/listen-address.ts";
import { createLocalRequestCheck } from "./server/misdirected-request.ts";
import { createNetworks } from "./server/networks.ts";
import { inviteBody, startServer, type NodeEnv, type ServerOptions } from "./server/start-server.ts";
import type { Settings } from "./settings.ts";
import { openStore } from "./store.ts";

/** How long a read may take until the store counts as unavailable, in milliseconds. */
const PING_TIMEOUT_MS = 4_800;

export interface Application {
  readonly url: string;
  /** The URL of the server of the metrics, if there is one. */
  readonly metricsUrl: string | undefined;
  /** The maximum time for the end of the process after a stop signal, in milliseconds. */
  readonly exitTimeoutMs: number;
  /** Shuts down gracefully: closes the store after the last response. */
  readonly stop: () => Promise<void>;
}

export interface ApplicationOptions {
  readonly settings: Settings;
  readonly log: Logger;
  /** Replaces the function that opens the store of the settings. */
  readonly openStore?: typeof openStore;
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
  const monitoring = await openMetrics(settings);
  const metrics = monitoring?.metrics;
  const store = await (options.openStore ?? openStore)(settings, metrics?.storeObserver);
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
  const onResponse: ServerOptions["onResponse"] = (record) => {
    logRequest(log, record);
    metrics?.recordRequest(record);
  };
  const onError = (err: unknown) => log.error({ err }, "unexpected error");
  const { fetch } = createApp<NodeEnv>({
    users,
    authenticate: metrics?.countRejections(authenticate) ?? authenticate,
    getClientAddress: ({ incoming }) => getClientAddress(incoming),
    allowedOrigins: USERS_ALLOWED_ORIGINS,
    getBaseUrl: ({ incoming }) => getBaseUrl(incoming),
    onReadBody: inviteBody,
    onResponse,
    routes: [...createDocsRoutes(), ...createAdminRoutes()],
    isDraining: () => isDraining,
  });
  const listening = Promise.withResolvers<void>();
  const checkReadiness = createReadinessCheck(users, () => isDraining);
  const metricsServer = await monitoring?.listen({
    checkReadiness: () => listening.promise.then(() => checkReadiness(createPingContext("readiness"))),
    onError,
  });
  const server = await startServer({
    host,
    port,
    timeouts: { ...timeouts, ...options.timeouts },
    fetch,
    isMisdirected: isLoopback && access.mayBeAnonymous ? isMisdirected : undefined,
    onResponse,
    onError,
  }).catch((error: unknown) => {
    metricsServer?.close();
    throw error;
  });
  metrics?.setActiveRequests(server.countActiveRequests);
  metrics?.setKeyListAge(access.getKeyListAgeMs);
  listening.resolve();
  log.info(
    `listening on ${server.url}, users in ${store.name}; pages at /admin and /docs; stop with Ctrl-C or SIGTERM`,
  );
  if (metricsServer) log.info(`metrics on ${metricsServer.url}/metrics`);
  void access.logWarnings();
  users.ping(createPingContext("start")).catch((err: unknown) => log.warn({ err }, "the store is unavailable"));

  return {
    url: server.url,
    metricsUrl: metricsServer?.url,
    exitTimeoutMs: timeouts.exit,
    async stop() {
      isDraining = true;
      await server.drain();
      await access.close();
      store.close();
      metricsServer?.close();
    },
  };
}

function createPingContext(requestId: string): RequestContext {
  return { requestId, caller: ANONYMOUS_CALLER, signal: AbortSignal.timeout(PING_TIMEOUT_MS) };
}
