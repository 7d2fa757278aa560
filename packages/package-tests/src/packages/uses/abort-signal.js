import { ApiError } from "@user-management/client";
// The domain declares two members of `AbortSignal`. Both are compatible with the declaration of the platform.
export const context = { requestId: "1", signal: AbortSignal.timeout(5_000) };
export async function fetchEmail(url, { signal }) {
    const response = await fetch(url, { signal });
    signal.throwIfAborted();
    return response.text();
}
export async function copyUser(id, from, to) {
    const { signal } = context;
    const found = await from.get(id, { signal }).catch((error) => {
        if (error instanceof ApiError && error.type === "network-error")
            return undefined;
        throw error;
    });
    const { user_id, ...fields } = found?.user ?? {};
    return user_id !== undefined && !(await to.create(fields, {}, context)).replayed;
}
// @ts-expect-error a number is no signal
export const invalidContext = { requestId: "1", signal: 5_000 };
//# sourceMappingURL=abort-signal.js.map