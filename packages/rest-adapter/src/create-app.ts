import type { UserService } from "@user-management/domain";
import { HonoBase } from "hono/hono-base";
import { TrieRouter } from "hono/router/trie-router";
import { createHandlers } from "./handlers.ts";
import { createRouteHandler, type PipelineOptions, type Route } from "./http/pipeline.ts";
import type { Problem } from "./http/problem.ts";
import { UNMATCHED_ROUTE } from "./http/response.ts";
import { OPERATION_LIST, toPattern } from "./operations.ts";
import { createProblem, toProblem } from "./problem-types.ts";

export interface AppOptions<Env> extends Pick<PipelineOptions<Env>, "getTimeoutMs" | "onResponse"> {
  readonly users: UserService;
  /** Reports whether the server is shutting down; `/readyz` then responds with 503. Defaults to never. */
  readonly isDraining?: () => boolean;
  /** Routes of the application itself, such as the pages of a server. They use the same pipeline. */
  readonly routes?: readonly Route[];
}

/**
 * Creates the REST API over the use cases. `app.fetch(request, env)` runs on every platform with `fetch` handlers;
 * `getTimeoutMs` and `onResponse` receive `env`.
 */
export function createApp<Env extends object = object>({
  users,
  isDraining = () => false,
  routes = [],
  ...options
}: AppOptions<Env>): HonoBase<{ Bindings: Env }> {
  // The default router compiles regular expressions, which delays the start of a function.
  const app = new HonoBase<{ Bindings: Env }>({ router: new TrieRouter() });
  const pipeline: PipelineOptions<Env> = { ...options, toProblem };

  const handlers = createHandlers({ users, isDraining });
  const operations = OPERATION_LIST.map(({ id, method, path, query = {}, requestBody }) => ({
    method,
    pattern: toPattern(path),
    query,
    mediaTypes: requestBody?.mediaTypes,
    handle: handlers[id],
  }));
  for (const route of [...operations, ...routes]) {
    app.on(route.method, route.pattern, createRouteHandler(route, pipeline));
  }

  app.notFound((c) => {
    const handle = () => Promise.reject(createUnmatchedProblem(app, c.req.path));
    return createRouteHandler({ pattern: UNMATCHED_ROUTE, handle }, pipeline)(c);
  });

  // The pipeline maps every error of a route; Hono would respond to an error of `onResponse` with plain text.
  app.onError((error) => {
    throw error;
  });

  return app;
}

function createUnmatchedProblem(app: Pick<HonoBase, "router">, path: string): Problem {
  const methods = findMethods(app, path);
  if (methods.length === 0) return createProblem("not-found");
  return createProblem("method-not-allowed", { headers: { allow: methods.join(", ") } });
}

/** Returns the methods of a path, in the order of the `Allow` header. */
function findMethods(app: Pick<HonoBase, "router">, path: string): string[] {
  return ["GET", "POST", "PUT", "PATCH", "DELETE"]
    .filter((method) => app.router.match(method, path)[0].length > 0)
    .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : method));
}
