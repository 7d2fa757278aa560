import type { UserService } from "@user-management/domain";
import { HonoBase } from "hono/hono-base";
import { routePath } from "hono/route";
import { TrieRouter } from "hono/router/trie-router";
import { requestIdOf, type AppEnv, type Exchange } from "./exchange.ts";
import { draining, Problem, toProblem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { respond, respondProblem } from "./respond.ts";
import { addUserRoutes } from "./user-routes.ts";

export interface AppOptions {
  readonly users: UserService;
  /** Called once for every request that was answered, with whatever came beside the request (the `env` of `fetch`). */
  readonly onExchange?: (exchange: Exchange, env: unknown) => void;
  /** Whether the server is about to end; `/readyz` answers 503 then. */
  readonly isDraining?: () => boolean;
}

/** The REST API over the use cases. It runs wherever `fetch` handlers do. */
export function createApp({ users, onExchange, isDraining }: AppOptions): HonoBase<AppEnv> {
  // Nine routes need none of the default's machinery, which a function would have to load before it starts.
  const app = new HonoBase<AppEnv>({ router: new TrieRouter() });

  app.use(async (c, next) => {
    const started = performance.now();
    const requestId = requestIdOf(c.req.raw.headers.get("x-request-id"));
    c.set("requestId", requestId);
    await next();
    const { status } = c.res;
    const exchange: Exchange = {
      requestId,
      method: c.req.method,
      route: routePath(c, -1),
      status,
      milliseconds: performance.now() - started,
      bytes: c.get("bytes"),
      ...(status >= 500 && !(c.error instanceof Problem) && { error: c.error }),
    };
    onExchange?.(exchange, c.env);
  });

  addUserRoutes(app, users);

  app.get("/healthz", (c) => {
    readQuery(c, {});
    return respond(c, 200, { status: "ok" });
  });
  app.get("/readyz", async (c) => {
    readQuery(c, {});
    if (isDraining?.()) throw draining();
    await users.probe();
    return respond(c, 200, { status: "ok" });
  });

  app.get("/openapi.json", async (c) => {
    readQuery(c, {});
    // Loaded when it is asked for: who asks for a user does not wait for it.
    const { default: document } = await import("./openapi.json", { with: { type: "json" } });
    return respond(c, 200, document);
  });

  app.notFound((c) => {
    const methods = methodsAt(app, c.req.path);
    const problem =
      methods.length === 0
        ? new Problem("not-found", { detail: "There is nothing at this path." })
        : new Problem("method-not-allowed", {
            detail: "This path has other methods.",
            headers: { allow: methods.join(", ") },
          });
    return respondProblem(c, problem);
  });

  app.onError((error, c) => respondProblem(c, toProblem(error)));

  return app;
}

/** The methods that a path is known with, as `Allow` lists them. */
function methodsAt(app: HonoBase<AppEnv>, path: string): string[] {
  return ["GET", "POST", "PUT", "PATCH", "DELETE"]
    .filter((method) => app.router.match(method, path)[0].some(([[, route]]) => route.method === method))
    .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : method));
}
