import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createUsersClient } from "./index.ts";
import { buildNewUser, catchApiError } from "./testing/fixtures.ts";
import { startServer, type Server } from "./testing/start-server.ts";

const USERCTL = join(import.meta.dirname, "../../../apps/cli/src/userctl.ts");

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Runs a command of an operator on the database of the server, and returns its standard output without the last line feed. */
function runUserctl(...args: string[]): string {
  const { PATH, SystemRoot } = process.env;
  const env = { PATH, SystemRoot, SQLITE_PATH: server.path };
  return execFileSync(process.execPath, [USERCTL, ...args], { env, encoding: "utf8", stdio: "pipe" }).trimEnd();
}

const createKey = (scopes: string) => runUserctl("keys", "create", "--name", "client", "--scopes", scopes);

const createClient = (apiKey?: string) => createUsersClient({ baseUrl: server.url, apiKey });

test("a client with the API key of an operator calls every operation, and one without a key none", async () => {
  const users = createClient(createKey("users:read,users:list,users:write,users:delete"));
  const user = buildNewUser();
  const { user_id, etag } = await users.create(user);
  expect(await users.get(user_id)).toEqual({ user: { user_id, ...user }, etag });
  expect(await users.findByEmail(user.email)).toEqual({ user_id, ...user });
  const updated = await users.update(user_id, { lastname: "Roe" }, { ifMatch: etag });
  expect((await users.list().next()).value).toEqual({ user_id, ...user, lastname: "Roe" });
  await users.delete(user_id, { ifMatch: updated.etag });
  expect(await users.get(user_id)).toBeUndefined();

  const anonymous = createClient();
  for (const call of [
    () => anonymous.get(user_id),
    () => anonymous.findByEmail(user.email),
    () => anonymous.list().next(),
    () => anonymous.create(user),
    () => anonymous.update(user_id, { lastname: "Roe" }),
    () => anonymous.delete(user_id),
  ]) {
    expect(await catchApiError(call())).toMatchObject({ type: "unauthenticated", status: 401 });
  }
});

test("rejects with insufficient-scope if the API key does not have the scope of the operation", async () => {
  const users = createClient(createKey("users:read"));
  expect(await users.get("unknown")).toBeUndefined();
  expect(await catchApiError(users.create(buildNewUser()))).toMatchObject({ type: "insufficient-scope", status: 403 });
  expect(await catchApiError(users.list().next())).toMatchObject({ type: "insufficient-scope", status: 403 });
});

test("rejects with unauthenticated once the API key is revoked", async () => {
  const key = createKey("users:read");
  expect(await createClient(key).get("unknown")).toBeUndefined();
  const [{ id }] = (JSON.parse(runUserctl("keys", "list", "--json")) as { id: string }[]).slice(-1) as [{ id: string }];
  runUserctl("keys", "revoke", id);
  // A server that starts reads the keys.
  await server.kill();
  await server.restart();
  expect(await catchApiError(createClient(key).get("unknown"))).toMatchObject({ type: "unauthenticated", status: 401 });
});
