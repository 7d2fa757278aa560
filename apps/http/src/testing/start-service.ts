import { createHash, randomUUID } from "node:crypto";
import { createUserService, type UserRepository } from "@user-management/domain";
import { createApp, type Exchange } from "@user-management/rest-adapter";
import { onTestFinished } from "vitest";
import { startServer, type ServerOptions } from "../server.ts";

export interface Service {
  readonly url: string;
  readonly port: number;
  readonly exchanges: Exchange[];
  readonly errors: unknown[];
  readonly drain: () => Promise<void>;
}

/** The service on a free port over this repository, drained when the test is over. */
export async function startService(
  repository: UserRepository,
  times: ServerOptions["times"] = {},
  isDraining = () => false,
): Promise<Service> {
  const exchanges: Exchange[] = [];
  const errors: unknown[] = [];
  const onExchange = (exchange: Exchange) => void exchanges.push(exchange);
  const users = createUserService({
    users: repository,
    now: () => new Date(),
    newId: randomUUID,
    digest: (text) => createHash("sha256").update(text).digest("base64url"),
  });
  const { fetch } = createApp({ users, onExchange, isDraining });
  const { url, drain } = await startServer({
    host: "127.0.0.1",
    port: 0,
    fetch,
    onExchange,
    onError: (error) => void errors.push(error),
    times: { grace: 0, ...times },
  });
  onTestFinished(drain);
  return { url, port: Number(new URL(url).port), exchanges, errors, drain };
}
