import { ANONYMOUS_CALLER, type UserService } from "@user-management/domain";
import { HonoBase } from "hono/hono-base";
import { TrieRouter } from "hono/router/trie-router";
import { createHandlers } from "./handlers.ts";
import type { Authenticate } from "./http/authentication.ts";
import { createPipeline, type PipelineOptions, type Route } from "./http/pipeline.ts";
import type { Problem } from "./http/problem.ts";
import { UNMATCHED_ROUTE } from "./http/response.ts";
import { OPERATION_LIST, toPattern } from "./operations.ts";
import { createProblem, toProblem } from "./problem-types.ts";

export interface AppOptions<Env> extends Omit<PipelineOptions<Env>, "toProblem" | "cors"> {
  readonly users: UserService;
  /** The exact origins of the web pages that may use the API, such as `https://app.example.com`. Defaults to none. */
  readonly allowedOrigins?: readonly string[];
  /** Reports whether the server is shutting down; `/readyz` then responds with 503. Defaults to never. */
  readonly isDraining?: () => boolean;
  /** Routes of the application itself, such as the pages of a server. They use the same pipeline. */
  readonly routes?: readonly Route<Env>[];
  /**
   * Returns the absolute URL of the API as the client knows it, such as `https://api.example.com/prod`, or `undefined` if a
   * proxy may have changed it. The OpenAPI document names it as the server. Defaults to unknown.
   */
  readonly getBaseUrl?: (env: Env) => string | undefined;
}

/** Accepts every request, with all scopes: for a service behind a gateway that authenticates the callers. */
export const allowAnonymous: Authenticate<object> = () => ({ caller: ANONYMOUS_CALLER });

/**
 * Creates the REST API over the use cases. `app.fetch(request, env)` runs on every platform with `fetch` handlers; the
 * functions in the options receive `env`.
 */
export function createApp<Env extends object = object>({
  users,
  allowedOrigins = [],
  isDraining = () => false,
  routes: applicationRoutes = [],
  getBaseUrl = () => undefined,
  ...options
}: AppOptions<Env>): HonoBase<{ Bindings: Env }> {
  // The default router compiles regular expressions, which delays the start of a function.
  const app = new HonoBase<{ Bindings: Env }>({ router: new TrieRouter() });
  const createRouteHandler = createPipeline<Env>({
    ...options,
    cors: { allowedOrigins, requestHeaders: REQUEST_HEADERS },
    toProblem,
  });

  const handlers = createHandlers({ users, isDraining, getBaseUrl });
  const operations = OPERATION_LIST.map(({ id, path, requestBody, ...operation }) => ({
    ...operation,
    pattern: toPattern(path),
    query: operation.query ?? {},
    mediaTypes: requestBody?.mediaTypes,
    handle: handlers[id],
  }));
  const routes: readonly Route<Env>[] = [...operations, ...applicationRoutes];
  for (const route of routes) app.on(route.method, route.pattern, createRouteHandler(route));

  const publicPatterns = new Set(routes.filter(({ scope }) => scope === "public").map(({ pattern }) => pattern));
  app.notFound((c) => {
    const others = findRoutes(app, c.req.path);
    const scope = others.some(({ path }) => publicPatterns.has(path)) ? "public" : "authenticated";
    const handle = () => Promise.reject(createUnmatchedProblem(others, c.req.path));
    return createRouteHandler({ pattern: UNMATCHED_ROUTE, scope, handle })(c);
  });

  // The pipeline maps every error of a route; Hono would respond to an error of `onResponse` with plain text.
  app.onError((error) => {
    throw error;
  });

  return app;

  /** Creates the problem of a request with a path or a method without a route. */
  function createUnmatchedProblem(others: readonly RouterRoute[], path: string): Problem {
    if (others.length === 0) {
      const hasFinalSlash = path.endsWith("/") && findRoutes(app, path.slice(0, -1)).length > 0;
      const detail = hasFinalSlash ? "No resource has this path; the path without the final slash has one." : undefined;
      return createProblem("not-found", { detail });
    }
    const methods = others.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : method)).join(", ");
    const detail = `The method is not allowed for this resource, which allows ${methods}.`;
    return createProblem("method-not-allowed", { detail, headers: { allow: methods } });
  }
}

/** The request headers that the API evaluates. */
const REQUEST_HEADERS = [
  "Authorization",
  "Content-Type",
  "X-Request-Id",
  "traceparent",
  ...new Set(OPERATION_LIST.flatMap(({ headers = [] }) => headers)),
];

/** A route as Hono stores it: `path` is the pattern. */
type RouterRoute = Pick<HonoBase["routes"][number], "method" | "path">;

/** Returns the routes of a path, one for each method, in the order of the `Allow` header. */
function findRoutes({ router }: Pick<HonoBase, "router">, path: string): RouterRoute[] {
  return ["GET", "POST", "PUT", "PATCH", "DELETE"].flatMap((method) => {
    const [match] = router.match(method, path)[0];
    return match ? [match[0][1]] : [];
  });
}
