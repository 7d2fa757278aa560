import { SCOPES } from "@user-management/domain";
import { createContext } from "@user-management/domain/testing";
import { startDynamo, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { createTestClient, expectProblem, readJson } from "@user-management/rest-adapter/testing";
import { unzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildZip } from "../bundle/build-zip.ts";
import { addAuthorizer, GATEWAYS, SIGNED_GATEWAYS, toHttpEvent, type ToEvent } from "./testing/events.ts";
import { buildRuntimeClient, findRuntimeClientObstacle } from "./testing/runtime-client.ts";
import type { RunningFunction } from "./testing/start-function.ts";
import { startUsersFunction } from "./testing/start-users-function.ts";
import { startTokenIssuer } from "./testing/token-issuer.ts";

describe.skipIf(findRuntimeClientObstacle())("access to the zip under AWS's runtime client, with DynamoDB", () => {
  let dynamo: Dynamo;
  let zip: Uint8Array;

  beforeAll(async () => {
    await buildRuntimeClient();
    [dynamo, zip] = await Promise.all([startDynamo(), buildZip()]);
  }, 300_000);
  afterAll(() => dynamo?.stop());

  const start = (environment: Record<string, string> = {}, code = zip) =>
    startUsersFunction({ dynamo, zip: code, environment });

  describe.for(Object.entries(GATEWAYS))("behind %s", ([, toEvent]) => {
    test("requires a credential with the scope of the operation, and logs none", async () => {
      const { lambda, credential, createCredential, createSendRequest, createClient } = await start();
      const id = await createClient(toEvent).createUser();
      const anonymous = createTestClient(createSendRequest(toEvent));
      const missing = await anonymous.request(`/users/${id}`);
      expect(missing.headers.get("www-authenticate")).toBe('Bearer realm="users"');
      await expectProblem(missing, "unauthenticated", `/users/${id}`);
      expect((await anonymous.request("/healthz")).status).toBe(200);

      const reader = await createCredential(["users:read"]);
      const invalid = [`${reader}0`, reader.slice(0, -1), `umk_${"0".repeat(49)}`, "e30.e30.e30", "secret,secret"];
      for (const value of invalid) {
        const { request } = createClient(toEvent, value);
        await expectProblem(await request(`/users/${id}`), "unauthenticated");
      }
      const { getUser, request } = createClient(toEvent, reader);
      expect(await getUser(id)).toHaveProperty("user_id", id);
      const denied = await request(`/users/${id}`, { method: "DELETE" });
      expect(denied.headers.get("www-authenticate")).toContain('scope="users:delete"');
      await expectProblem(denied, "insufficient-scope");
      await createClient(toEvent).getUser(id);

      const records = await collectRecords(lambda, 12);
      expect(records.map(({ status, auth }) => [status, auth])).toEqual([
        [undefined, "key"],
        [201, "key"],
        [401, "none"],
        [200, "none"],
        ...invalid.map(() => [401, "none"]),
        [200, "key"],
        [403, "key"],
        [200, "key"],
      ]);
      for (const secret of [credential, ...invalid]) expect(lambda.logs.join("\n")).not.toContain(secret);
    });
  });

  test("accepts a new key at once", async () => {
    const { createClient, createCredential } = await start();
    expect((await createClient().request("/users")).status).toBe(200);
    const { request } = createClient(toHttpEvent, await createCredential(["users:list"]));
    expect((await request("/users")).status).toBe(200);
  });

  test("rejects expired, revoked and deleted keys", async () => {
    const { createClient, createCredential } = await start();
    for (const state of ["expired", "revoked", "deleted"] as const) {
      const { request } = createClient(toHttpEvent, await createCredential(SCOPES, state));
      await expectProblem(await request("/users"), "unauthenticated");
    }
  });

  test("stores the hour of the last use before the invocation ends", async () => {
    const { lambda, keys, createClient } = await start();
    expect((await keys.list(createContext()))[0]).not.toHaveProperty("last_used_at");
    const hours = [toHour(new Date())];
    await createClient().request("/users");
    await lambda.freeze();
    hours.push(toHour(new Date()));
    const [key] = await keys.list(createContext());
    expect(hours).toContain(key!.last_used_at);
  });

  test("returns 503 for a key if the table of keys is missing, and logs it at the start", async () => {
    const { lambda, createClient, createSendRequest } = await start({ USERS_KEYS_TABLE: "Missing" });
    await expectProblem(await createClient().request("/users"), "store-unavailable");
    const anonymous = createTestClient(createSendRequest());
    await expectProblem(await anonymous.request("/users"), "unauthenticated");
    expect((await anonymous.request("/readyz")).status).toBe(200);
    const [first] = await collectRecords(lambda, 4);
    expect(first).toMatchObject({ level: "warn", message: "The API keys cannot be read." });
  });

  test("reads the keys again within the Retry-After of a second once the store has recovered", async () => {
    const { lambda, proxy, createClient } = await startUsersFunction({ dynamo, zip, isHanging: true });
    expect(await lambda.initialized).toBeLessThan(10_000);
    const { request } = createClient();
    const response = await request("/users");
    expect(response.headers.get("retry-after")).toBe("1");
    await expectProblem(response, "store-unavailable");
    await proxy.recover();
    await expect.poll(async () => (await request("/users")).status, { timeout: 1_500 }).toBe(200);
  });

  test("does not start with an invalid mode", async () => {
    await expect(start({ USERS_AUTH: "auto" })).rejects.toThrow("USERS_AUTH must be required, iam or none");
  });

  test("accepts every request in the mode none, and logs a warning at the start", async () => {
    const { lambda, createSendRequest } = await start({ USERS_AUTH: "none" });
    await createTestClient(createSendRequest()).createUser();
    const [warning, audit] = await collectRecords(lambda, 3);
    expect(warning).toMatchObject({ level: "warn", message: expect.stringContaining("USERS_AUTH is none") });
    expect(audit).toMatchObject({ msg: "audit", auth: "none" });
  });

  test.for(Object.entries(SIGNED_GATEWAYS))(
    "the signer behind %s has all scopes in the mode iam",
    async ([, toSigned]) => {
      const userArn = "arn:aws:iam::123456789012:user/jane.doe";
      const toEvent: ToEvent = (request) => toSigned(request, userArn);
      const { lambda, createSendRequest } = await start({ USERS_AUTH: "iam" });
      const { createUser, getUser } = createTestClient(createSendRequest(toEvent));
      await getUser(await createUser());
      const unsigned = createTestClient(createSendRequest(toHttpEvent));
      await expectProblem(await unsigned.request("/users"), "unauthenticated");
      const records = await collectRecords(lambda, 4);
      expect(records[1]).toMatchObject({ auth: "iam", caller: expect.stringMatching(/^[\w-]{12}$/) });
      expect(lambda.logs.join("\n")).not.toContain("jane.doe");
    },
  );

  describe("access tokens", () => {
    test("are verified by the file of the verifier, with the keys that the issuer has at the start", async () => {
      const { issuer, issueToken, requests } = await startTokenIssuer();
      const { lambda, createClient } = await start(toSettings(issuer));
      expect(requests).toEqual(["/.well-known/oauth-authorization-server", "/jwks"]);
      const token = issueToken({ scope: "openid users:list users:read" });
      const { request } = createClient(toHttpEvent, token);
      expect((await request("/users")).status).toBe(200);
      await expectProblem(await request("/users/x"), "not-found");
      await expectProblem(await request("/users/x", { method: "DELETE" }), "insufficient-scope");
      expect(requests).toHaveLength(2);
      const records = await collectRecords(lambda, 3);
      expect(records[0]).toMatchObject({ auth: "token", caller: expect.stringMatching(/^[\w-]{12}$/) });
      expect(lambda.logs.join("\n")).not.toMatch(/jane\.doe|eyJ/);
    });

    test("are rejected if they are expired, for another audience, without a scope, or not signed by the issuer", async () => {
      const { issuer, issueToken } = await startTokenIssuer();
      const other = await startTokenIssuer();
      const { createClient } = await start(toSettings(issuer));
      const scope = "users:list";
      const expired = createClient(toHttpEvent, issueToken({ scope, exp: Math.floor(Date.now() / 1_000) - 60 }));
      const response = await expired.request("/users");
      expect(await readJson(response.clone())).toHaveProperty("detail", "The credential has expired.");
      await expectProblem(response, "unauthenticated");
      for (const token of [
        issueToken({ scope, aud: "users-2" }),
        issueToken({ scope: "openid" }),
        other.issueToken({ scope, iss: issuer }),
        issueToken({ scope }).replace(/\.[^.]*$/, ".AAAA"),
      ]) {
        await expectProblem(await createClient(toHttpEvent, token).request("/users"), "unauthenticated");
      }
      expect(other.requests).toEqual([]);
    });

    test("are not taken from the event, which the invoker of the function writes", async () => {
      const { issuer } = await startTokenIssuer();
      const { createSendRequest } = await start(toSettings(issuer));
      const claims = { iss: issuer, aud: "users", sub: "admin", scope: SCOPES.join(" ") };
      const toEvent: ToEvent = (request) => addAuthorizer(toHttpEvent(request), { jwt: { claims, scopes: SCOPES } });
      await expectProblem(await createTestClient(createSendRequest(toEvent)).request("/users"), "unauthenticated");
    });

    test("return 503 until the issuer is available; API keys are accepted", async () => {
      const { issuer, issueToken, setAvailable } = await startTokenIssuer({ isAvailable: false });
      const { lambda, createClient } = await start(toSettings(issuer));
      const { request } = createClient(toHttpEvent, issueToken({ scope: "users:list" }));
      await expectProblem(await request("/users"), "store-unavailable");
      expect((await createClient().request("/users")).status).toBe(200);
      const [first] = await collectRecords(lambda, 3);
      expect(first).toMatchObject({ level: "warn", message: "The keys of the token issuer are unavailable." });
      setAvailable(true);
      await expect.poll(async () => (await request("/users")).status, { timeout: 5_000 }).toBe(200);
    });

    test("are invalid without an issuer, and the verifier is then not loaded", async () => {
      const { "jwt-adapter.mjs": verifier, ...others } = unzipSync(zip);
      expect(verifier).toBeDefined();
      const { createClient } = await start({}, zipSync(others));
      expect((await createClient().request("/users")).status).toBe(200);
      const { issueToken } = await startTokenIssuer();
      const { request } = createClient(toHttpEvent, issueToken({ scope: "users:list" }));
      await expectProblem(await request("/users"), "unauthenticated");
    });
  });
});

function toSettings(issuer: string): Record<string, string> {
  return { USERS_TOKEN_ISSUER: issuer, USERS_TOKEN_AUDIENCE: "users" };
}

/** Waits until the function has written that many log records, and returns them. */
async function collectRecords(lambda: RunningFunction, count: number): Promise<Record<string, unknown>[]> {
  await expect.poll(() => lambda.logs.length).toBe(count);
  return lambda.logs.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function toHour(date: Date): string {
  return `${date.toISOString().slice(0, 13)}:00:00.000Z`;
}
