export { createApp, type AppOptions } from "./create-app.ts";
export { requestIdOf, type Exchange } from "./exchange.ts";
export { Problem, problemTypes, toProblem, type ProblemType } from "./problem.ts";
export { problemAnswer } from "./respond.ts";
