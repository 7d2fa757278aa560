import type { RequestContext, UserService } from "@user-management/domain";
import { runWithDeadline } from "./http/deadline.ts";
import { createProblem } from "./problem-types.ts";

/** The maximum time of a check. A probe waits longer: the default of Kubernetes is one second. */
const READINESS_TIMEOUT_MS = 800;

/**
 * Creates the check behind `/readyz`: the store is available, and the server is not shutting down. Concurrent probes share
 * one read of the store.
 *
 * @returns a function that throws a Problem `draining`, or an error that `toProblem` maps to `store-unavailable`
 */
export function createReadinessCheck(
  users: Pick<UserService, "ping">,
  isDraining: () => boolean,
): (context: RequestContext) => Promise<void> {
  let ping: Promise<void> | undefined;
  return async (context) => {
    if (isDraining()) throw createProblem("draining");
    ping ??= runWithDeadline(READINESS_TIMEOUT_MS, (signal) =>
      users.ping({ ...context, signal: AbortSignal.any([context.signal, signal]) }),
    ).finally(() => (ping = undefined));
    await ping;
  };
}
