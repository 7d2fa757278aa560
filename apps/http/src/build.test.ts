import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { createTestClient } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { ADMIN_FILES, readAdminFile } from "./pages/admin-files.ts";
import { DOCS_FILES, readDocsFile } from "./pages/docs-files.ts";
import { scrape, sumSamples } from "./testing/scrape.ts";
import { freePort, startProcess, temporaryFolder } from "./testing/start-process.ts";

test("the built file serves the API and the pages on its own, on either store", async () => {
  execFileSync(process.execPath, [join(import.meta.dirname, "../build.ts")]);
  const file = join(temporaryFolder(), "main.mjs");
  copyFileSync(join(import.meta.dirname, "../dist/main.js"), file);

  const METRICS_PORT = String(await freePort());
  const server = await startProcess({ METRICS_PORT }, file);
  const { createUser, getUser } = createTestClient((path, init) => fetch(server.url + path, init));
  const id = await createUser();
  expect(await getUser(id)).toHaveProperty("user_id", id);
  for (const [path, { source }] of Object.entries(DOCS_FILES)) {
    const bytes = Buffer.from(await (await fetch(server.url + path)).arrayBuffer());
    expect(bytes.equals(await readDocsFile(source)), path).toBe(true);
  }
  for (const [path, { source }] of Object.entries(ADMIN_FILES)) {
    const bytes = Buffer.from(await (await fetch(server.url + path)).arrayBuffer());
    expect(bytes.equals(await readAdminFile(source)), path).toBe(true);
  }
  expect((await fetch(`${server.url}/openapi.json`)).status).toBe(200);
  expect(sumSamples(await scrape(`http://127.0.0.1:${METRICS_PORT}`), "users_build_info")).toBe(1);
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);

  const credentials = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
  const unreachable = { AWS_REGION: "local", AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9", ...credentials };
  const dynamoServer = await startProcess({ USERS_STORE: "dynamodb", ...unreachable }, file);
  expect(dynamoServer.log[0]?.["msg"]).toContain("users in DynamoDB table UsersTable in local");
  expect((await fetch(`${dynamoServer.url}/readyz`)).status).toBe(503);
});
