import { join } from "node:path";
import { readFileSync } from "node:fs";
import { startProcess } from "@user-management/http/testing";
import { listOperations } from "@user-management/rest-adapter/testing";
import newman from "newman";
import { expect, test } from "vitest";
import { REPOSITORY_ROOT } from "./read-document.ts";

const file = join(REPOSITORY_ROOT, "docs/users.postman_collection.json");

test("the Postman collection runs from top to bottom, twice, and calls every operation", async () => {
  const server = await startProcess();
  for (const _ of ["first", "second"]) {
    const { run } = await runCollection(server.url);
    expect(run.failures.map(({ error }) => error.message)).toEqual([]);
    expect(run.stats.assertions.total).toBe(run.executions.length);
    const calls = run.executions.map(({ request }) => `${request.method} /${request.url.path!.join("/")}`);
    const operations = listOperations().map(({ method, path }) => `${method} ${path}`);
    const uuid = /[\da-f]{8}-[\da-f-]{27}/;
    expect(calls.map((call) => call.replace(uuid, "{user_id}")).toSorted()).toEqual(operations.toSorted());
  }
});

function runCollection(url: string): Promise<newman.NewmanRunSummary> {
  const collection = JSON.parse(readFileSync(file, "utf8")) as object;
  return new Promise((resolve, reject) => {
    newman.run({ collection, envVar: [{ key: "baseUrl", value: url }] }, (error, summary) => {
      if (error) reject(error);
      else resolve(summary);
    });
  });
}
