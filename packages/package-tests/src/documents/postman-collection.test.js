import { join } from "node:path";
import { readFileSync } from "node:fs";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { QUICK_DRAIN, startProcess, startService } from "@user-management/http/testing";
import { allowAnonymous, OPERATIONS } from "@user-management/rest-adapter";
import { listOperations } from "@user-management/rest-adapter/testing";
import newman from "newman";
import { expect, test } from "vitest";
import { REPOSITORY_ROOT } from "./read-document.js";
const file = join(REPOSITORY_ROOT, "docs/users.postman_collection.json");
test("the Postman collection runs from top to bottom, twice, and calls every operation", async () => {
    const server = await startProcess();
    for (const _ of ["first", "second"]) {
        const { run } = await runCollection(server.url);
        expect(run.failures.map(({ error }) => error.message)).toEqual([]);
        expect(run.stats.assertions.total).toBe(run.executions.length);
        const calls = run.executions.map(({ request }) => `${request.method} /${request.url.path.join("/")}`);
        const operations = listOperations().map(({ method, path }) => `${method} ${path}`);
        const uuid = /[\da-f]{8}-[\da-f-]{27}/;
        expect(calls.map((call) => call.replace(uuid, "{user_id}")).toSorted()).toEqual(operations.toSorted());
    }
});
test.each([
    { label: "sends its credential where one is required", variables: { credential: "valid" }, sent: "valid" },
    { label: "sends no credential by default", variables: {}, sent: undefined },
])("the Postman collection $label", async ({ variables, sent }) => {
    const credentials = [];
    const repository = createInMemoryUserRepository();
    const { url } = await startService(repository, QUICK_DRAIN, undefined, (credential, env) => {
        credentials.push(credential);
        return allowAnonymous(credential, env);
    });
    const { run } = await runCollection(url, variables);
    expect(run.failures.map(({ error }) => error.message)).toEqual([]);
    const protectedOperations = Object.values(OPERATIONS).filter(({ scope }) => scope !== "public");
    expect(credentials).toEqual(protectedOperations.map(() => sent));
    const withCredential = run.executions.filter(({ request }) => request.headers.has("authorization"));
    expect(withCredential).toHaveLength(sent === undefined ? 0 : protectedOperations.length);
});
function runCollection(url, variables = {}) {
    const collection = JSON.parse(readFileSync(file, "utf8"));
    return new Promise((resolve, reject) => {
        const envVar = Object.entries({ baseUrl: url, ...variables }).map(([key, value]) => ({ key, value }));
        newman.run({ collection, envVar }, (error, summary) => {
            if (error)
                reject(error);
            else
                resolve(summary);
        });
    });
}
//# sourceMappingURL=postman-collection.test.js.map