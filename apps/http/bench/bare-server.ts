import { createServer } from "node:http";

/** The baseline: a constant response of Node.js itself. */
const body = JSON.stringify({ status: "ok" });
createServer((incoming, outgoing) => {
  incoming.resume();
  outgoing.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
}).listen(Number(process.env["PORT"]), "127.0.0.1");
