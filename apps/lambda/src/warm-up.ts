import type { UserService } from "@user-management/domain";
import type { Hono } from "hono";
import type { Log } from "./log.ts";

/**
 * Does once, before the first request, what every first time costs: connects to the table by a read, and takes a
 * request through the app as far as it goes without writing. A table that does not answer yet is no reason not to start.
 */
export async function warmUp(app: Pick<Hono<any>, "fetch">, users: UserService, log: Log): Promise<void> {
  const headers = { "content-type": "application/json" };
  const request = new Request("https://localhost/users", { method: "POST", headers, body: "{}" });
  const connected = users.probe().catch((error: unknown) => log.warn("the users table does not answer yet", error));
  await Promise.all([connected, app.fetch(request)]);
}
