import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTestWireClient } from "../testing/clients.ts";
import { createHeaders, sendOutput, startServer, type Respond } from "../testing/local-server.ts";

const GET = { TableName: "Users", Key: { user_id: { S: "id" } } };

async function startClient(respond: Respond) {
  const server = await startServer(respond);
  return { client: createTestWireClient({ connection: server.connection }), ...server };
}

test("repeats a call whose response does not match its checksum", async () => {
  const body = JSON.stringify({ Item: { user_id: { S: "damaged" } } });
  const { client, requests } = await startClient((response, { number }) => {
    if (number === 1) response.writeHead(200, { ...createHeaders(body), "x-amz-crc32": "1" }).end(body);
    else sendOutput(response, { Item: { user_id: { S: "intact" } } });
  });
  expect(await client.getItem(GET)).toEqual({ Item: { user_id: { S: "intact" } } });
  expect(requests).toHaveLength(2);
});

test("does not repeat an update whose outcome is unknown because of its checksum", async () => {
  const { client, requests } = await startClient((response) =>
    response.writeHead(200, { ...createHeaders("{}"), "x-amz-crc32": "1" }).end("{}"),
  );
  const update = client.updateItem({ ...GET, UpdateExpression: "SET a = :a" }, { isRepeatable: false });
  await expect(update).rejects.toMatchObject({ name: "ChecksumError", isOutcomeUnknown: true });
  expect(requests).toHaveLength(1);
});

test("repeats a call whose response is truncated", async () => {
  const { client, requests } = await startClient((response, { number }) => {
    if (number > 1) return sendOutput(response);
    return response
      .writeHead(200, { ...createHeaders("{}"), "content-length": 100 })
      .write('{"Item":', () => response.destroy());
  });
  expect(await client.getItem(GET)).toEqual({});
  expect(requests).toHaveLength(2);
});

test("repeats a call whose chunked response is truncated", async () => {
  const { client, requests } = await startClient((response, { number }) => {
    if (number > 1) return sendOutput(response);
    return response.writeHead(200, { "x-amzn-requestid": "test" }).write("{}", () => response.destroy());
  });
  expect(await client.getItem(GET)).toEqual({});
  expect(requests).toHaveLength(2);
});

test("rejects a successful response without a request id", async () => {
  const { client, requests } = await startClient((response) => response.end("{}"));
  const expected = { name: "ForeignResponse", status: 200, isOutcomeUnknown: true };
  await expect(client.getItem(GET)).rejects.toMatchObject(expected);
  expect(requests).toHaveLength(1);
});

test.for(["", '{"Item":', "<html>", "null", "7", "[]"])(
  "rejects a successful response with the body '%s'",
  async (body) => {
    const { client } = await startClient((response) => response.writeHead(200, createHeaders(body)).end(body));
    await expect(client.getItem(GET)).rejects.toMatchObject({ name: "InvalidResponse", isOutcomeUnknown: true });
  },
);

test.for([301, 302, 307, 308])("does not follow a redirect with %i", async (status) => {
  const target = await startServer((response) => sendOutput(response));
  const { client } = await startClient((response) => response.writeHead(status, { location: target.url }).end());
  await expect(client.getItem(GET)).rejects.toMatchObject({ name: "ForeignResponse", status });
  expect(target.requests).toEqual([]);
});

test("decodes multi-byte characters that are split over the chunks of a response", async () => {
  const output = { Item: { user_id: { S: "ä你😀".repeat(10) } } };
  const { client } = await startClient(async (response) => {
    response.setHeader("x-amzn-requestid", "test");
    for (const byte of Buffer.from(JSON.stringify(output))) await writeAtOnce(response, [byte]);
    response.end();
  });
  expect(await client.getItem(GET)).toEqual(output);
});

test("reads a response of 16 MB", async () => {
  const output = { Responses: { Users: [{ user_id: { S: "ä".repeat(8_000_000) } }] } };
  const { client } = await startClient((response) => sendOutput(response, output));
  expect(await client.batchGetItem({ RequestItems: { Users: { Keys: [GET.Key] } } })).toEqual(output);
});

test.for<[label: string, status: number, body: string, expected: object]>([
  [
    "with a namespace",
    400,
    '{"__type":"com.amazon.coral.validate#ValidationException"}',
    { name: "ValidationException" },
  ],
  ["without a namespace", 400, '{"__type":"ValidationException"}', { name: "ValidationException" }],
  ["with a message", 400, '{"__type":"X","message":"Text."}', { message: "Text." }],
  ["with a message in upper case", 400, '{"__type":"X","Message":"Text."}', { message: "Text." }],
  ["with an item", 400, '{"__type":"X","Item":{"a":{"S":"b"}}}', { item: { a: { S: "b" } } }],
  ["with reasons", 400, '{"__type":"X","CancellationReasons":[{"Code":"None"}]}', { reasons: [{ Code: "None" }] }],
  ["without a type", 400, "{}", { name: "ForeignResponse", isOutcomeUnknown: true }],
  ["with a type that is no text", 400, '{"__type":7}', { name: "ForeignResponse", isOutcomeUnknown: true }],
  ["that is HTML", 404, "<html>", { name: "ForeignResponse", status: 404, isOutcomeUnknown: true }],
  ["that is null", 403, "null", { name: "ForeignResponse", status: 403, isOutcomeUnknown: true }],
  ["with a status code of 5xx", 500, '{"__type":"X"}', { name: "X", status: 500, isOutcomeUnknown: true }],
])("throws the error of a response %s", async ([, status, body, expected]) => {
  const { client } = await startClient((response) => response.writeHead(status, createHeaders(body)).end(body));
  await expect(client.getItem(GET)).rejects.toMatchObject({ status, isOutcomeUnknown: false, ...expected });
});

/** Writes bytes as a chunk of their own. */
async function writeAtOnce(response: ServerResponse, bytes: number[]): Promise<void> {
  response.write(new Uint8Array(bytes));
  await nextTurn();
}
