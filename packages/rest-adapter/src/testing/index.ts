export {
  createCredentialFactory,
  type AccessService,
  type CredentialState,
  type StartAccessService,
} from "./access-service.ts";
export { describeAccessContract } from "./describe-access-contract.ts";
export { describeHttpContract } from "./describe-http-contract.ts";
export { expectDocumented } from "./expect-documented.ts";
export { listOperations, type OperationObject, type ResponseObject } from "./list-operations.ts";
export { MALFORMED_AUTHORIZATION_FIELDS } from "./malformed-authorization-fields.ts";
export {
  createTestClient,
  expectProblem,
  newUserBody,
  readJson,
  type SendRequest,
  type StartService,
  type TestClient,
  type TestClientOptions,
} from "./test-client.ts";
