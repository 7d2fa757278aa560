import { createHash } from "node:crypto";
import { ANONYMOUS_CALLER, UserError, type ApiKeyRepository, type TokenVerifier } from "@user-management/domain";
import { createContext, createInMemoryApiKeyRepository } from "@user-management/domain/testing";
import type { RequestRecord } from "@user-management/rest-adapter";
import { createTestClient, expectProblem, readJson } from "@user-management/rest-adapter/testing";
import { describe, expect, test } from "vitest";
import { createAccessService } from "./testing/access-service.ts";
import type { ClientRequest } from "./testing/client-request.ts";
import {
  addAuthorizer,
  addRestIdentity,
  GATEWAYS,
  SIGNED_GATEWAYS,
  toFunctionUrlEvent,
  toHttpEvent,
  toRestEvent,
} from "./testing/events.ts";
import { createLambdaContext, SILENT_LOG } from "./testing/test-handler.ts";
import { toResponse } from "./testing/to-response.ts";

const ARN = "arn:aws:sts::123456789012:assumed-role/Billing/jane.doe@example.com";
const ARN_ID = createHash("sha256").update(ARN).digest("base64url").slice(0, 12);

/** The header of a request that is signed with Signature Version 4. */
const SIGNATURE = {
  authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20260101/eu-central-1/execute-api/aws4_request",
};

/** Creates a function whose log records are collected. */
function createLoggingService(options: Parameters<typeof createAccessService>[0] = {}) {
  const requests: RequestRecord[] = [];
  const warnings: [message: string, error?: unknown][] = [];
  const log = {
    ...SILENT_LOG,
    request: (record: RequestRecord) => void requests.push(record),
    warn: (...warning: [message: string, error?: unknown]) => void warnings.push(warning),
  };
  const service = createAccessService({ ...options, log });
  const invoke = async (event: unknown, remainingMs = 10_000) =>
    toResponse(await service.handler(event, createLambdaContext({ remainingMs })));
  return { ...service, invoke, requests, warnings };
}

function withKey(key: string, path = "/users"): ClientRequest {
  return { path, headers: { authorization: `Bearer ${key}` } };
}

describe("IAM", () => {
  describe.for(Object.entries(SIGNED_GATEWAYS))("behind %s", ([, toSignedEvent]) => {
    test("the signer has all scopes, and its id in log records is a digest of its ARN", async () => {
      const { invoke, requests } = createLoggingService({ mode: "iam" });
      const { createUser, getUser, request } = createTestClient(async (path, { method, headers, body } = {}) =>
        invoke(
          toSignedEvent(
            {
              path,
              ...(method && { method }),
              headers: { ...Object.fromEntries(new Headers(headers)), ...SIGNATURE },
              ...(body != null && { body: body as string }),
            },
            ARN,
          ),
        ),
      );
      const id = await createUser();
      expect(await getUser(id)).toHaveProperty("user_id", id);
      expect((await request("/users")).status).toBe(200);
      expect((await request(`/users/${id}`, { method: "DELETE" })).status).toBe(200);
      expect(requests).toHaveLength(4);
      for (const record of requests) expect(record).toMatchObject({ caller: ARN_ID, auth: "iam" });
      expect(JSON.stringify(requests)).not.toContain("jane.doe");
    });

    test("grants nothing in the mode required", async () => {
      const { invoke } = createLoggingService();
      const response = await invoke(toSignedEvent({ path: "/users", headers: SIGNATURE }, ARN));
      await expectProblem(response, "unauthenticated");
    });

    test("a key takes precedence: its scopes apply, and an invalid one is rejected", async () => {
      const { invoke, createCredential, requests } = createLoggingService({ mode: "iam" });
      const reader = withKey(await createCredential(["users:read"]));
      await expectProblem(await invoke(toSignedEvent(reader, ARN)), "insufficient-scope");
      expect(requests[0]).toMatchObject({ auth: "key" });
      await expectProblem(await invoke(toSignedEvent(withKey("unknown"), ARN)), "unauthenticated");
      await expectProblem(await invoke(toSignedEvent(withKey(""), ARN)), "unauthenticated");
    });
  });

  test.for(Object.entries(GATEWAYS))("returns 401 without an identity behind %s", async ([, toEvent]) => {
    const { invoke, createCredential } = createLoggingService({ mode: "iam" });
    await expectProblem(await invoke(toEvent({ path: "/users" })), "unauthenticated");
    await expectProblem(await invoke(toEvent({ path: "/users", headers: SIGNATURE })), "unauthenticated");
    expect((await invoke(toEvent(withKey(await createCredential(["users:list"]))))).status).toBe(200);
  });

  const request = { path: "/users" };
  const claims = { sub: "admin", scope: "users:read users:list users:write users:delete" };
  test.for<[label: string, event: object]>([
    ["claims of a JWT authorizer", addAuthorizer(toHttpEvent(request), { jwt: { claims, scopes: ["users:list"] } })],
    ["the result of a Lambda authorizer", addAuthorizer(toHttpEvent(request), { lambda: { userArn: ARN } })],
    ["an ARN beside the member iam", addAuthorizer(toHttpEvent(request), { userArn: ARN })],
    ["no ARN", addAuthorizer(toFunctionUrlEvent(request), { iam: {} })],
    ["null", addAuthorizer(toFunctionUrlEvent(request), { iam: null })],
    ["an empty ARN", addAuthorizer(toFunctionUrlEvent(request), { iam: { userArn: "" } })],
    ["an ARN that is not a string", addAuthorizer(toFunctionUrlEvent(request), { iam: { userArn: [ARN] } })],
    ["an authorizer that is a string", addAuthorizer(toHttpEvent(request), ARN as unknown as object)],
    ["an empty ARN in format 1.0", addRestIdentity(toRestEvent(request), "")],
    ["format 1.0 with the authorizer of format 2.0", toForeignRestEvent({ iam: { userArn: ARN } })],
    ["format 1.0 with claims of a Cognito authorizer", toForeignRestEvent({ claims })],
    ["format 2.0 with the identity of format 1.0", toForeignHttpEvent({ identity: { userArn: ARN } })],
  ])("returns 401 for an event with %s", async ([, event]) => {
    for (const mode of ["iam", "required"] as const) {
      await expectProblem(await createLoggingService({ mode }).invoke(event), "unauthenticated");
    }
  });

  function toForeignRestEvent(authorizer: object): object {
    const event = toRestEvent(request);
    return { ...event, requestContext: { ...event.requestContext, authorizer } };
  }

  function toForeignHttpEvent(members: object): object {
    const event = toHttpEvent(request);
    return { ...event, requestContext: { ...event.requestContext, ...members } };
  }
});

describe("the mode none", () => {
  test("accepts every request without reading the keys, and logs a warning at the start", async () => {
    const keys = createFailingRepository(["list"]);
    const { open, invoke, warnings } = createLoggingService({ mode: "none", keys });
    await open();
    expect(warnings).toEqual([["USERS_AUTH is none: every request is accepted without a credential."]]);
    expect((await invoke(toHttpEvent({ path: "/users" }))).status).toBe(200);
    expect((await invoke(toHttpEvent(withKey("unknown")))).status).toBe(200);
  });
});

describe("the start", () => {
  test("reads the keys, so that the first request reads nothing", async () => {
    const keys = createCountingRepository();
    const { open, invoke, createCredential, warnings } = createLoggingService({ keys });
    const key = await createCredential(["users:list"]);
    keys.reset();
    await open();
    expect(keys.countReads()).toBe(1);
    expect((await invoke(toHttpEvent(withKey(key)))).status).toBe(200);
    expect(keys.countReads()).toBe(1);
    expect(warnings).toEqual([]);
  });

  test("logs a warning without a key and an issuer", async () => {
    const { open, warnings } = createLoggingService();
    await open();
    expect(warnings).toEqual([
      ["There is no API key, and no issuer of access tokens is set: every request is rejected."],
    ]);
  });

  test.for<[label: string, options: Parameters<typeof createAccessService>[0]]>([
    ["an issuer", { tokens: createVerifier() }],
    ["the mode iam", { mode: "iam" }],
  ])("logs no warning without a key with %s", async ([, options]) => {
    const { open, warnings } = createLoggingService(options);
    await open();
    expect(warnings).toEqual([]);
  });

  test("succeeds if the keys are unavailable; requests then return 503, but not those with an access token", async () => {
    const error = new UserError("unavailable");
    const keys = createFailingRepository(["list"], error);
    const { open, invoke, warnings } = createLoggingService({ keys, tokens: createVerifier() });
    await open();
    expect(warnings).toEqual([["The API keys cannot be read.", error]]);
    await expectProblem(await invoke(toHttpEvent(withKey(`umk_${"0".repeat(49)}`))), "store-unavailable");
    await expectProblem(await invoke(toHttpEvent({ path: "/users" })), "unauthenticated");
    expect((await invoke(toHttpEvent(withKey("valid-token")))).status).toBe(200);
    await expectProblem(await invoke(toHttpEvent(withKey("another-token"))), "unauthenticated");
  });
});

describe("freeze", () => {
  test("a thawed environment reads an old list before it accepts a key", async () => {
    const clock = createClock();
    const { invoke, createCredential, keys } = createLoggingService({ now: clock.now });
    const key = await createCredential(["users:list"]);
    expect((await invoke(toHttpEvent(withKey(key)))).status).toBe(200);
    await revokeAll(keys);
    expect((await invoke(toHttpEvent(withKey(key)))).status).toBe(200);
    clock.advance(30_001);
    await expectProblem(await invoke(toHttpEvent(withKey(key))), "unauthenticated");
  });

  test.for([
    { label: "returns keys of the time before", fails: false },
    { label: "fails", fails: true },
  ])("repeats a read that was interrupted and $label", async ({ fails }) => {
    const clock = createClock();
    const stored = createInMemoryApiKeyRepository();
    const interrupted = Promise.withResolvers<void>();
    let reads = 0;
    const keys: ApiKeyRepository = {
      ...stored,
      async list(context) {
        reads += 1;
        const records = await stored.list(context);
        if (reads === 3) await interrupted.promise;
        return records;
      },
    };
    const { invoke, createCredential } = createLoggingService({ keys, now: clock.now });
    const key = await createCredential(["users:list"]); // The first read: whether there are too many keys.
    expect((await invoke(toHttpEvent(withKey(key)))).status).toBe(200);
    clock.advance(20_000);
    expect((await invoke(toHttpEvent(withKey(key)))).status).toBe(200); // It starts the third read beside the request.
    expect(reads).toBe(3);
    await revokeAll(stored);
    clock.advance(60_000);
    const response = invoke(toHttpEvent(withKey(key)));
    if (fails) interrupted.reject(new UserError("unavailable"));
    else interrupted.resolve();
    await expectProblem(await response, "unauthenticated");
    expect(reads).toBe(4);
  });
});

describe("the last use of a key", () => {
  test("is stored before the invocation ends, once per key and hour", async () => {
    const clock = createClock("2026-01-01T10:20:30.000Z");
    const written = Promise.withResolvers<void>();
    const uses: string[] = [];
    const stored = createInMemoryApiKeyRepository();
    const keys: ApiKeyRepository = {
      ...stored,
      async recordUse(id, hour, context) {
        await written.promise;
        uses.push(hour);
        await stored.recordUse(id, hour, context);
      },
    };
    const { invoke, createCredential } = createLoggingService({ keys, now: clock.now });
    const key = await createCredential(["users:list"]);
    let hasEnded = false;
    const first = invoke(toHttpEvent(withKey(key))).finally(() => (hasEnded = true));
    await new Promise(setImmediate);
    expect(hasEnded).toBe(false);
    written.resolve();
    expect((await first).status).toBe(200);
    expect((await keys.list(createContext()))[0]).toHaveProperty("last_used_at", "2026-01-01T10:00:00.000Z");
    await invoke(toHttpEvent(withKey(key)));
    expect(uses).toEqual(["2026-01-01T10:00:00.000Z"]);
    clock.advance(3_600_000);
    await invoke(toHttpEvent(withKey(key)));
    expect(uses).toEqual(["2026-01-01T10:00:00.000Z", "2026-01-01T11:00:00.000Z"]);
  });

  test("logs a warning if it cannot be stored, and serves the request", async () => {
    const error = new UserError("unavailable");
    const keys = createFailingRepository(["recordUse"], error);
    const { invoke, createCredential, warnings } = createLoggingService({ keys });
    const key = await createCredential(["users:list"]);
    expect((await invoke(toHttpEvent(withKey(key)))).status).toBe(200);
    expect(warnings).toEqual([["The last use of an API key cannot be stored.", error]]);
  });

  test("delays the response at most until 100 ms before the timeout of the function", async () => {
    const keys = { ...createInMemoryApiKeyRepository(), recordUse: () => new Promise<void>(() => undefined) };
    const { invoke, createCredential } = createLoggingService({ keys });
    const key = await createCredential(["users:list"]);
    const startedAt = performance.now();
    expect((await invoke(toHttpEvent(withKey(key)), 600)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(600);
  });
});

describe.for(Object.entries(GATEWAYS))("behind %s", ([, toEvent]) => {
  test("limits authentication failures for each address of the event", async () => {
    const { invoke } = createLoggingService();
    const failFrom = (address: string) => invoke(setClientAddress(toEvent(withKey("unknown")), address));
    for (let n = 0; n < 20; n += 1) await expectProblem(await failFrom("192.0.2.7"), "unauthenticated");
    const response = await failFrom("192.0.2.7");
    expect(response.headers.get("retry-after")).toBe("1");
    await expectProblem(response, "too-many-requests");
    await expectProblem(await failFrom("192.0.2.8"), "unauthenticated");
  });

  test("responds to the preflight request of an allowed origin only", async () => {
    const { invoke } = createLoggingService({ allowedOrigins: ["https://app.example.com"] });
    const preflight = (origin: string) =>
      invoke(
        toEvent({ method: "OPTIONS", path: "/users", headers: { origin, "access-control-request-method": "POST" } }),
      );
    const response = await preflight("https://app.example.com");
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    await expectProblem(await preflight("https://other.example.com"), "unauthenticated");
  });

  test("returns 401 without reading the body or the query", async () => {
    const { invoke, requests } = createLoggingService();
    const event = toEvent({ method: "POST", path: "/users?x=1", headers: { "content-type": "text/plain" }, body: "{" });
    const response = await invoke(event);
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="users"');
    expect(await readJson(response.clone())).toHaveProperty("detail", "The request has no credential.");
    await expectProblem(response, "unauthenticated", "/users");
    expect(requests).toEqual([expect.objectContaining({ status: 401, auth: "none" })]);
    expect(requests[0]).not.toHaveProperty("caller");
  });
});

/** Returns the event with another address of the client, in the member of its format. */
function setClientAddress(event: unknown, sourceIp: string): object {
  const { requestContext, ...others } = event as { requestContext: Record<string, object> };
  const member = "http" in requestContext ? "http" : "identity";
  return { ...others, requestContext: { ...requestContext, [member]: { ...requestContext[member], sourceIp } } };
}

/** Creates a verifier that accepts one token, which grants all scopes. */
function createVerifier(): TokenVerifier {
  const caller = { ...ANONYMOUS_CALLER, id: "token", auth: "token" } as const;
  return { verify: async (token) => (token === "valid-token" ? { caller } : { rejection: "invalid" }) };
}

/** Creates a repository of which these methods fail. */
function createFailingRepository(
  methods: (keyof ApiKeyRepository)[],
  error = new UserError("unavailable"),
): ApiKeyRepository {
  const failing = methods.map((method) => [method, () => Promise.reject(error)]);
  return { ...createInMemoryApiKeyRepository(), ...Object.fromEntries(failing) };
}

/** Creates a repository that counts the reads of all keys. */
function createCountingRepository() {
  const stored = createInMemoryApiKeyRepository();
  let reads = 0;
  return {
    ...stored,
    list: (...parameters: Parameters<ApiKeyRepository["list"]>) => {
      reads += 1;
      return stored.list(...parameters);
    },
    countReads: () => reads,
    reset: () => void (reads = 0),
  };
}

function createClock(start = new Date().toISOString()) {
  let timeMs = Date.parse(start);
  return { now: () => new Date(timeMs), advance: (durationMs: number) => void (timeMs += durationMs) };
}

async function revokeAll(keys: ApiKeyRepository): Promise<void> {
  for (const { id } of await keys.list(createContext())) {
    await keys.revoke(id, new Date().toISOString(), createContext());
  }
}
