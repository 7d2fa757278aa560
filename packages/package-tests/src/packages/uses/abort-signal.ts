import { ApiError, type UsersClient } from "@user-management/client";
import { ANONYMOUS_CALLER, type RequestContext, type UserService } from "@user-management/domain";

// The domain declares two members of `AbortSignal`. Both are compatible with the declaration of the platform.
export const context: RequestContext = {
  requestId: "1",
  caller: ANONYMOUS_CALLER,
  signal: AbortSignal.timeout(5_000),
};

export async function fetchEmail(url: string, { signal }: RequestContext): Promise<string> {
  const response = await fetch(url, { signal });
  signal.throwIfAborted();
  return response.text();
}

export async function copyUser(id: string, from: UsersClient, to: UserService): Promise<boolean> {
  const { signal } = context;
  const found = await from.get(id, { signal }).catch((error: unknown) => {
    if (error instanceof ApiError && error.type === "network-error") return undefined;
    throw error;
  });
  const { user_id, ...fields } = found?.user ?? {};
  return user_id !== undefined && !(await to.create(fields, {}, context)).replayed;
}

// @ts-expect-error a number is no signal
export const invalidContext: RequestContext = { requestId: "1", caller: ANONYMOUS_CALLER, signal: 5_000 };
