import { expect, test } from "vitest";
import { CLIENT_NAMES, createTestClient, runOverClients } from "../testing/clients.ts";
import { sendOutput, startServer, type LocalServer } from "../testing/local-server.ts";

const GET = { TableName: "Users", Key: { user_id: { S: "id" } } };

/** Makes one call with each client to the endpoint, which is the URL of the server unless the test changes it. */
async function callOverClients(server: LocalServer, endpoint = server.url): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  await runOverClients(async (clientName) => {
    const client = createTestClient(clientName, { endpoint, region: "eu-central-1", credentials });
    expect((await client.getItem(GET)).Item).toEqual({ user_id: { S: "id" } });
  });
}

test("connects to an IPv6 address", async () => {
  const server = await startServer((response) => sendOutput(response, { Item: { user_id: { S: "id" } } }), "::1");
  await callOverClients(server);
  const { host } = new URL(server.url);
  expect(server.requests.map(({ headers }) => headers.host)).toEqual(CLIENT_NAMES.map(() => host));
});

test.for([
  ["no path", ""],
  ["a path", "/base"],
  ["a path that ends with a slash", "/base/"],
  ["a path with a space", "/a%20b/c"],
  ["a path with characters that are not ASCII", "/ä/你"],
] as const)("sends the requests of all clients to the same path if the endpoint has %s", async ([, path]) => {
  const server = await startServer((response) => sendOutput(response, { Item: { user_id: { S: "id" } } }));
  await callOverClients(server, server.url + path);
  expect(new Set(server.requests.map((request) => request.path)).size).toBe(1);
});
