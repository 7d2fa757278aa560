import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { createUserService } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/in-memory";
import { nodePlatform } from "@user-management/node-platform";
import { allowAnonymous, createApp } from "@user-management/rest-adapter";

export interface Service {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts the API on a free port, with an in-memory repository. The client's example sends its requests to this API. */
export async function startService(): Promise<Service> {
  const users = createUserService({ users: createInMemoryUserRepository(), ...nodePlatform });
  const app = createApp({ users, authenticate: allowAnonymous });
  const server = createServer((request, response) => void handle(request, response));
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

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", headers, url: path = "/" } = incoming;
    const body = await buffer(incoming);
    const init = { method, headers: headers as Record<string, string>, ...(body.length > 0 && { body }) };
    const response = await app.fetch(new Request(url + path, init));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  }
}
