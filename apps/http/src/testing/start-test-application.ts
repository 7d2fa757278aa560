import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { startApplication } from "../application.ts";
import type { ServerOptions } from "../server/start-server.ts";
import { readServerSettings } from "../settings.ts";
import { openStore, type Store } from "../store.ts";
import { QUICK_DRAIN } from "./start-service.ts";

export interface TestApplication {
  readonly url: string;
  readonly port: number;
  /** The URL of the server of the metrics; empty without `METRICS_PORT`. */
  readonly metricsUrl: string;
  readonly store: Store;
  /** The path of the SQLite file. */
  readonly path: string;
  /** The log records so far. */
  readonly log: Record<string, unknown>[];
  readonly stop: () => Promise<void>;
}

export interface TestApplicationOptions {
  /** Runs before the server starts, for instance to create a key. */
  readonly prepare?: (store: Store) => Promise<unknown>;
  /** Replaces the maximum age of the list of keys. */
  readonly keysMaxAgeMs?: number;
  readonly timeouts?: ServerOptions["timeouts"];
}

/**
 * Starts the whole application in this process, on a free port and a new SQLite file.
 *
 * @param environment the environment variables of its settings
 */
export async function startTestApplication(
  environment: Record<string, string> = {},
  { prepare, keysMaxAgeMs, timeouts }: TestApplicationOptions = {},
): Promise<TestApplication> {
  const folder = mkdtempSync(join(tmpdir(), "users-"));
  const path = join(folder, "users.db");
  const settings = readServerSettings({ PORT: "0", SQLITE_PATH: path, ...environment });
  const log: Record<string, unknown>[] = [];
  const logger = pino(
    { level: "debug", base: null, formatters: { level: (level) => ({ level }) } },
    { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const remove = () => rmSync(folder, { recursive: true });
  let store: Store | undefined;
  try {
    const {
      url,
      metricsUrl = "",
      stop,
    } = await startApplication({
      settings,
      log: logger,
      timeouts: { grace: 0, ...QUICK_DRAIN, ...timeouts },
      async openStore(...parameters) {
        const opened = await openStore(...parameters);
        store = { ...opened, keysMaxAgeMs: keysMaxAgeMs ?? opened.keysMaxAgeMs };
        await prepare?.(store);
        return store;
      },
    });
    const port = Number(new URL(url).port);
    return { url, port, metricsUrl, store: store!, path, log, stop: () => stop().then(remove) };
  } catch (error) {
    store?.close();
    remove();
    throw error;
  }
}

/** Returns the messages of the warnings so far. */
export function listWarnings({ log }: Pick<TestApplication, "log">): string[] {
  return log.filter(({ level }) => level === "warn").map(({ msg }) => String(msg));
}
