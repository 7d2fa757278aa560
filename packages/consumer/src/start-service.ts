import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { createUserService } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/in-memory";
import { createApp } from "@user-management/rest-adapter";

export interface Service {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** The API on a free port, with users in memory: what a client is tried with. */
export async function startService(): Promise<Service> {
  const users = createUserService({
    users: createInMemoryUserRepository(),
    now: () => new Date(),
    newId: randomUUID,
    digest: (text) => createHash("sha256").update(text).digest("base64url"),
  });
  const app = createApp({ users });
  const server = createServer((request, response) => void answer(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", headers, url: path = "/" } = request;
    const body = await buffer(request);
    const sent = { method, headers: headers as Record<string, string>, ...(body.length > 0 && { body }) };
    const answered = await app.fetch(new Request(url + path, sent));
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    response.end(Buffer.from(await answered.arrayBuffer()));
  }
}
