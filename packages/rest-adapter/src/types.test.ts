import type { UserService } from "@user-management/domain";
import { expectTypeOf, test } from "vitest";
import { allowAnonymous, createApp, type Authenticate, type Route } from "./index.ts";
import type { Operation } from "./operations.ts";
import { createTestClient, describeAccessContract } from "./testing/index.ts";

/** Calls that the compiler checks and nothing executes. */
function defineUses(users: UserService): void {
  createApp({ users, authenticate: allowAnonymous });
  createApp<{ address: string }>({ users, authenticate: allowAnonymous });
  createApp<{ address: string }>({ users, authenticate: () => ({ rejection: "missing" }) });
  // @ts-expect-error: an app without authentication has `allowAnonymous`
  createApp({ users });
  // @ts-expect-error: `undefined` is no authentication
  createApp({ users, authenticate: undefined });
  // @ts-expect-error: the result is a caller or a rejection
  createApp({ users, authenticate: () => true });
  // @ts-expect-error: no rejection has this name
  createApp({ users, authenticate: () => ({ rejection: "none" }) });
  // @ts-expect-error: a caller has scopes
  createApp({ users, authenticate: () => ({ caller: { id: "x", auth: "key" } }) });

  // @ts-expect-error: the operation has no scope
  const operation: Operation = { method: "GET", path: "/users", problems: [] };
  // @ts-expect-error: no scope has this name
  const unknownScope: Operation = { method: "GET", path: "/users", scope: "users:all", problems: [] };
  // @ts-expect-error: no scope of a parameter has this name
  const parameter: Operation = { ...OPERATION, scopesByParameter: { email: "users:find" } };
  // @ts-expect-error: the route has no scope
  const route: Route = { method: "GET", pattern: "/page", handle: () => Promise.resolve({ status: 200 }) };
  void [operation, unknownScope, parameter, route];

  // @ts-expect-error: the function that starts a service is missing
  describeAccessContract("nothing");
  // @ts-expect-error: a service that cannot store credentials
  describeAccessContract("nothing", () => ({ request: () => Promise.resolve(new Response()) }));
  createTestClient(() => Promise.resolve(new Response()), { credential: "umk_x" });
}

const OPERATION: Operation = { method: "GET", path: "/users", scope: "users:list", problems: [] };

test("an app requires authentication, and a route its scope", () => {
  expectTypeOf(defineUses).parameter(0).toEqualTypeOf<UserService>();
  expectTypeOf(allowAnonymous).toExtend<Authenticate<{ address: string }>>();
});
