import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { beforeAll, expect, test } from "vitest";
import { askThrough, createTestHandler, gateways } from "./testing/gateways.ts";
import { answersOfNodeServer, answersThrough } from "./testing/life-of-a-service.ts";

let expected: string[];

beforeAll(async () => {
  expected = await answersOfNodeServer();
});

test("the Node server answers the table with what each case is about", () => {
  const statuses = Object.groupBy(expected, (answer) => answer.split("\n")[1]!.slice(0, 3));
  expect(Object.keys(statuses)).toEqual(["200", "201", "304", "400", "404", "405", "409", "412", "413", "415", "422"]);
});

for (const [name, toEvent] of Object.entries(gateways)) {
  test(`the function behind ${name} answers every case as the Node server does`, async () => {
    const handler = createTestHandler(createInMemoryUserRepository());
    expect(await answersThrough(askThrough(handler, toEvent))).toEqual(expected);
  });
}
