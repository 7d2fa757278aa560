import { beforeAll, expect, test } from "vitest";
import { createAccessService } from "./testing/access-service.ts";
import { GATEWAYS } from "./testing/events.ts";
import { sendRequestTableToNodeServer } from "./testing/node-server.ts";
import { sendRequestTable } from "./testing/request-table.ts";

let expected: string[];

beforeAll(async () => {
  expected = await sendRequestTableToNodeServer();
});

test("the request table covers these status codes of the Node server", () => {
  const statuses = Object.groupBy(expected, (response) => response.split("\n")[1]!.slice(0, 3));
  expect(Object.keys(statuses)).toEqual([
    "200",
    "201",
    "304",
    "400",
    "401",
    "403",
    "404",
    "405",
    "409",
    "412",
    "413",
    "415",
    "422",
  ]);
});

test.for(Object.entries(GATEWAYS))(
  "the function behind %s responds like the Node server to every request of the table",
  async ([, toEvent]) => {
    expect(await sendRequestTable(createAccessService({ toEvent }))).toEqual(expected);
  },
);
