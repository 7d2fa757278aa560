import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { createTestClient, describeAccessContract, describeHttpContract } from "@user-management/rest-adapter/testing";
import { createAccessService } from "./testing/access-service.ts";
import { GATEWAYS } from "./testing/events.ts";
import { createSendRequest, createTestHandler } from "./testing/test-handler.ts";

for (const [gateway, toEvent] of Object.entries(GATEWAYS)) {
  describeHttpContract(`the function behind ${gateway}`, () =>
    createTestClient(createSendRequest(createTestHandler(createInMemoryUserRepository()), toEvent)),
  );
  describeAccessContract(`access to the function behind ${gateway}`, () => createAccessService({ toEvent }));
}
