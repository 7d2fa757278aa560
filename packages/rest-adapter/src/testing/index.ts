export { describeHttpContract, type StartService } from "./describe-http-contract.ts";
export { describedOperations, type DescribedAnswer, type DescribedOperation } from "./described-operations.ts";
export { expectDescribed } from "./expect-described.ts";
export { createClient, expectProblem, json, newUser, type Ask, type Client } from "./client.ts";
