import { createUserService } from "@user-management/domain";
import { nodePlatform } from "@user-management/node-platform";
import { createApp } from "@user-management/rest-adapter";
import { createLog, logRequest } from "./log.ts";
import { createDocsRoutes } from "./pages/docs-routes.ts";
import { exitWithError, limitTimeToExit, waitForStopSignal } from "./process-exit.ts";
import { toServerOptions } from "./server/listen-address.ts";
import { startServer, type ServerOptions } from "./server/start-server.ts";
import { readServerSettings } from "./settings.ts";
import { openStore } from "./store.ts";

/** How long the first connection to the store may take before a warning, in milliseconds. */
const PING_TIMEOUT_MS = 4_800;

/** The composition root: reads the settings, starts the server, and shuts it down on a stop signal. */
async function main(): Promise<void> {
  const settings = readServerSettings(process.env);
  const log = await createLog(settings.LOG_LEVEL);
  const store = await openStore(settings);
  const users = createUserService({ users: store.users, ...nodePlatform });

  let isDraining = false;
  const onResponse: ServerOptions["onResponse"] = (record) => logRequest(log, record);
  const routes = createDocsRoutes();
  const { fetch } = createApp({ users, onResponse, routes, isDraining: () => isDraining });
  const { host, port, timeouts } = toServerOptions(settings);
  const onError = (err: unknown) => log.error({ err }, "unexpected error");
  const server = await startServer({ host, port, timeouts, fetch, onResponse, onError });
  log.info(`listening on ${server.url}, users in ${store.name}; stop with Ctrl-C or SIGTERM`);
  const context = { requestId: "start", signal: AbortSignal.timeout(PING_TIMEOUT_MS) };
  users.ping(context).catch((err: unknown) => log.warn({ err }, "the store is unavailable"));

  const signal = await waitForStopSignal();
  limitTimeToExit(timeouts.exit);
  isDraining = true;
  log.info(`${signal}: draining; a second signal ends the process immediately`);
  await server.drain();
  store.close();
  log.info("stopped");
}

main().catch(exitWithError);
