export { allowAnonymous, createApp, type AppOptions } from "./create-app.ts";
export type { Authenticate } from "./http/authentication.ts";
export type { Route } from "./http/pipeline.ts";
export { Problem } from "./http/problem.ts";
export {
  createJsonResponse,
  problemResponse,
  toLogMembers,
  toRecord,
  toRequestId,
  UNMATCHED_ROUTE,
  type CompleteResponse,
  type PlainResponse,
  type RequestRecord,
} from "./http/response.ts";
export { ACCESS_PROBLEMS, COMMON_PROBLEMS, OPERATIONS, type OperationId } from "./operations.ts";
export { createReadinessCheck } from "./readiness.ts";
export { createProblem, PROBLEM_TYPE_BY_CODE, PROBLEM_TYPES, toProblem, type ProblemType } from "./problem-types.ts";
