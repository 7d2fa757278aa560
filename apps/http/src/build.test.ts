import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { assets } from "./docs-assets.ts";
import { readDocsFile } from "./docs-files.ts";
import { startProcess, temporaryFolder } from "./testing/start-process.ts";

test("the one file that the build writes serves by itself, on either store", async () => {
  execFileSync(process.execPath, [join(import.meta.dirname, "../build.ts")]);
  const file = join(temporaryFolder(), "main.mjs");
  copyFileSync(join(import.meta.dirname, "../dist/main.js"), file);

  const server = await startProcess({}, file);
  const { create, read } = createClient((path, init) => fetch(server.url + path, init));
  const id = await create();
  expect(await read(id)).toHaveProperty("user_id", id);
  for (const [path, asset] of Object.entries(assets)) {
    const bytes = Buffer.from(await (await fetch(server.url + path)).arrayBuffer());
    expect(bytes.equals(await readDocsFile(asset.file)), path).toBe(true);
  }
  expect((await fetch(`${server.url}/openapi.json`)).status).toBe(200);
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);

  const credentials = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
  const nowhere = { AWS_REGION: "local", AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9", ...credentials };
  const other = await startProcess({ USERS_STORE: "dynamodb", ...nowhere }, file);
  expect(other.log[0]?.["msg"]).toContain("users in DynamoDB table UsersTable in local");
  expect((await fetch(`${other.url}/readyz`)).status).toBe(503);
});
