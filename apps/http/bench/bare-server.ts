import { createServer } from "node:http";

/** The floor: what Node.js itself costs to answer a constant. */
const body = JSON.stringify({ status: "ok" });
createServer((incoming, outgoing) => {
  incoming.resume();
  outgoing.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
}).listen(Number(process.env["PORT"]), "127.0.0.1");
