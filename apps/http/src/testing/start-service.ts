import { createUserService, type UserRepository } from "@user-management/domain";
import { nodePlatform } from "@user-management/node-platform";
import { allowAnonymous, createApp, type AppOptions, type RequestRecord } from "@user-management/rest-adapter";
import { onTestFinished } from "vitest";
import {
  inviteBody,
  startServer,
  type NodeEnv,
  type RunningServer,
  type ServerOptions,
} from "../server/start-server.ts";

export interface Service extends RunningServer {
  readonly port: number;
  /** The records of the requests so far. */
  readonly records: RequestRecord[];
  /** The unexpected errors so far. */
  readonly errors: unknown[];
}

/** Shortens the drain at the end of a test that is not about it. */
export const QUICK_DRAIN = { quiet: 0, silence: 20 };

/** Starts the service with this repository on a free port, and drains it when the test is over. */
export function startService(
  repository: UserRepository,
  timeouts: ServerOptions["timeouts"] = {},
  isDraining = () => false,
  authenticate: AppOptions<NodeEnv>["authenticate"] = allowAnonymous,
): Promise<Service> {
  const users = createUserService({ users: repository, ...nodePlatform });
  const createFetch = (onResponse: ServerOptions["onResponse"]) =>
    createApp<NodeEnv>({ users, authenticate, onReadBody: inviteBody, onResponse, isDraining }).fetch;
  return startTestServer(createFetch, timeouts);
}

/** Starts a server with any `fetch` handler on a free port, and drains it when the test is over. */
export async function startTestServer(
  createFetch: (onResponse: ServerOptions["onResponse"]) => ServerOptions["fetch"],
  timeouts: ServerOptions["timeouts"] = {},
  host = "127.0.0.1",
): Promise<Service> {
  const records: RequestRecord[] = [];
  const errors: unknown[] = [];
  const onResponse = (record: RequestRecord) => void records.push(record);
  const server = await startServer({
    host,
    port: 0,
    fetch: createFetch(onResponse),
    onResponse,
    onError: (error) => void errors.push(error),
    timeouts: { grace: 0, ...timeouts },
  });
  onTestFinished(server.drain);
  return { ...server, port: Number(new URL(server.url).port), records, errors };
}
