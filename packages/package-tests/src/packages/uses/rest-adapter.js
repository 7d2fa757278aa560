import document from "@user-management/rest-adapter/openapi.json" with { type: "json" };
import { createApp, createProblem, PROBLEM_TYPES } from "@user-management/rest-adapter";
export function createFetch(users) {
    // @ts-expect-error the use cases are missing
    createApp({});
    const statuses = [];
    return createApp({ users, onResponse: ({ status }) => statuses.push(status) }).fetch;
}
export const version = document.openapi;
export const notFound = createProblem("not-found", { detail: "No page has this path." });
// @ts-expect-error the problem type does not exist
export const nonexistent = PROBLEM_TYPES["nonsense"];
//# sourceMappingURL=rest-adapter.js.map