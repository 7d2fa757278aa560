import { readFileSync } from "node:fs";
import newman from "newman";
import { describedOperations } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { startProcess } from "./testing/start-process.ts";

const file = new URL("../../../docs/users.postman_collection.json", import.meta.url);

test("the collection for Postman runs from top to bottom, twice, and calls every operation", async () => {
  const server = await startProcess();
  for (const _ of ["first", "second"]) {
    const { run } = await runCollection(server.url);
    expect(run.failures.map(({ error }) => error.message)).toEqual([]);
    expect(run.stats.assertions.total).toBe(run.executions.length);
    const called = run.executions.map(({ request }) => `${request.method} /${request.url.path!.join("/")}`);
    const operations = describedOperations().map(({ method, path }) => `${method} ${path}`);
    const uuid = /[\da-f]{8}-[\da-f-]{27}/;
    expect(called.map((call) => call.replace(uuid, "{user_id}")).toSorted()).toEqual(operations.toSorted());
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
