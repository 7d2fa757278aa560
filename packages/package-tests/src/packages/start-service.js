import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { createUserService } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/in-memory";
import { nodePlatform } from "@user-management/node-platform";
import { createApp } from "@user-management/rest-adapter";
/** Starts the API on a free port, with an in-memory repository. The client's example sends its requests to this API. */
export async function startService() {
    const app = createApp({ users: createUserService({ users: createInMemoryUserRepository(), ...nodePlatform }) });
    const server = createServer((request, response) => void handle(request, response));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${server.address().port}`;
    return {
        url,
        async stop() {
            server.close();
            server.closeAllConnections();
            await once(server, "close");
        },
    };
    async function handle(incoming, outgoing) {
        const { method = "GET", headers, url: path = "/" } = incoming;
        const body = await buffer(incoming);
        const init = { method, headers: headers, ...(body.length > 0 && { body }) };
        const response = await app.fetch(new Request(url + path, init));
        outgoing.writeHead(response.status, Object.fromEntries(response.headers));
        outgoing.end(Buffer.from(await response.arrayBuffer()));
    }
}
//# sourceMappingURL=start-service.js.map