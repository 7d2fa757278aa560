import { createHash, randomUUID } from "node:crypto";
import { createUserService, UserError } from "@user-management/domain";
import { createApp, type Exchange } from "@user-management/rest-adapter";
import { addDocs } from "./docs.ts";
import { createLog, logExchange } from "./log.ts";
import { placeOf } from "./place.ts";
import { startServer } from "./server.ts";
import { readSettings } from "./settings.ts";
import { stopSignal } from "./stop-signal.ts";
import { StartError } from "./start-error.ts";
import { openStore } from "./store.ts";

/** The composition root: from the settings to a server that serves until it is told to stop. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const log = await createLog(settings.LOG_LEVEL);
  const store = await openStore(settings);
  const users = createUserService({
    users: store.users,
    now: () => new Date(),
    newId: randomUUID,
    digest: (text) => createHash("sha256").update(text).digest("base64url"),
  });
  let stopping = false;
  const onExchange = (exchange: Exchange) => logExchange(log, exchange);
  const { fetch } = addDocs(createApp({ users, onExchange, isDraining: () => stopping }));
  const server = await startServer({
    ...placeOf(settings),
    fetch,
    onExchange,
    onError: (err) => log.error({ err }, "bug"),
  });
  log.info(`listening on ${server.url}, users in ${store.name}; stop with Ctrl-C or SIGTERM`);
  users.probe().catch((err: unknown) => log.warn({ err }, "the store does not answer yet"));

  const signal = await stopSignal();
  stopping = true;
  log.info(`${signal}: draining; a second signal ends at once`);
  await server.drain();
  store.close();
  log.info("stopped");
}

main().catch((error: unknown) => {
  const isExpected = error instanceof StartError || error instanceof UserError;
  process.stderr.write(`user-management: ${isExpected ? error.message : String((error as Error)?.stack ?? error)}\n`);
  process.exit(1);
});
