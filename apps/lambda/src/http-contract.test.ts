import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { createClient, describeHttpContract } from "@user-management/rest-adapter/testing";
import { askThrough, createTestHandler, gateways } from "./testing/gateways.ts";

for (const [name, toEvent] of Object.entries(gateways)) {
  describeHttpContract(`the function behind ${name}`, () =>
    createClient(askThrough(createTestHandler(createInMemoryUserRepository()), toEvent)),
  );
}
