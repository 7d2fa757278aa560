export { describeHttpContract } from "./describe-http-contract.ts";
export { expectDocumented } from "./expect-documented.ts";
export { listOperations, type OperationObject, type ResponseObject } from "./list-operations.ts";
export {
  createTestClient,
  expectProblem,
  newUserBody,
  readJson,
  type SendRequest,
  type StartService,
  type TestClient,
} from "./test-client.ts";
