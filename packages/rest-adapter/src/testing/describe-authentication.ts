import { SCOPES } from "@user-management/domain";
import { expect, test } from "vitest";
import { OPERATION_LIST } from "../operations.ts";
import type { StartAccessService } from "./access-service.ts";
import { createTestClient, expectProblem, newUserBody, readJson } from "./test-client.ts";

const MISSING = 'Bearer realm="users"';
const INVALID = 'Bearer realm="users", error="invalid_token"';

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

export function describeAuthentication(start: StartAccessService): void {
  /** Starts a service and returns clients with all scopes and without a credential. */
  async function startClients() {
    const { request, createCredential } = await start();
    const credential = await createCredential(SCOPES);
    return {
      credential,
      createCredential,
      admin: createTestClient(request, { credential }),
      anonymous: createTestClient(request),
    };
  }

  test("returns 401 for every path and method without a credential, except on the public paths", async () => {
    const { admin, anonymous } = await startClients();
    const id = await admin.createUser();
    const operationPaths = OPERATION_LIST.filter(({ scope }) => scope !== "public").map(({ path }) => path);
    const userPaths = operationPaths.map((path) => path.replace("{user_id}", id));
    const otherPaths = [
      "/users/unknown",
      "/users/a/b",
      "/users/",
      "/USERS",
      "/unknown",
      "/.env",
      "/healthz/x",
      "/readyz/",
    ];
    for (const path of new Set([...userPaths, ...otherPaths])) {
      for (const method of METHODS) {
        const response = await anonymous.request(path, { method });
        expect(response.status, `${method} ${path}`).toBe(401);
        expect(response.headers.get("www-authenticate"), `${method} ${path}`).toBe(MISSING);
        expect(response.headers.has("allow"), `${method} ${path}`).toBe(false);
        if (method !== "HEAD") await expectProblem(response, "unauthenticated", path);
      }
    }
    expect((await readJson(await admin.request("/users")))["users"]).toHaveLength(1);
  });

  test("public paths need no credential and ignore any", async () => {
    const { anonymous, credential, createCredential } = await startClients();
    const expired = await createCredential(SCOPES, "expired");
    const publicPaths = OPERATION_LIST.filter(({ scope }) => scope === "public").map(({ path }) => path);
    expect(publicPaths.toSorted()).toEqual(["/healthz", "/openapi.json", "/readyz"]);
    const fields = [
      undefined,
      `Bearer ${credential}`,
      `Bearer ${expired}`,
      "Bearer",
      "Bearer umk_x",
      "Basic eDp5",
      "x",
    ];
    for (const path of publicPaths) {
      for (const authorization of fields) {
        const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
        expect((await anonymous.request(path, { headers })).status, `${path} with ${authorization}`).toBe(200);
        expect((await anonymous.request(path, { method: "HEAD", headers })).status, path).toBe(200);
        await expectProblem(await anonymous.request(path, { method: "POST", headers }), "method-not-allowed", path);
      }
    }
  });

  test("the challenge and the text depend on the credential: missing, invalid or expired", async () => {
    const { anonymous, createCredential } = await startClients();
    const expired = await createCredential(SCOPES, "expired");
    const missing = await anonymous.request("/users");
    expect(missing.headers.get("www-authenticate")).toBe(MISSING);
    expect(await readJson(missing.clone())).toHaveProperty("detail", "The request has no credential.");
    await expectProblem(missing, "unauthenticated", "/users");
    const response = await anonymous.request("/users", { headers: { authorization: `Bearer ${expired}` } });
    expect(response.headers.get("www-authenticate")).toBe(INVALID);
    expect(await readJson(response.clone())).toHaveProperty("detail", "The credential has expired.");
    await expectProblem(response, "unauthenticated", "/users");
  });

  test("returns one and the same response for an unknown, a revoked and a malformed credential", async () => {
    const { anonymous, credential, createCredential } = await startClients();
    const revoked = await createCredential(SCOPES, "revoked");
    const unknown = await createCredential(SCOPES, "deleted");
    const fields = {
      revoked: `Bearer ${revoked}`,
      unknown: `Bearer ${unknown}`,
      "with another checksum": `Bearer ${credential.slice(0, -1)}${credential.endsWith("0") ? "1" : "0"}`,
      "without its checksum": `Bearer ${credential.slice(0, -6)}`,
      "in upper case": `Bearer ${credential.toUpperCase()}`,
      "with another prefix": `Bearer xyz_${credential.slice(4)}`,
      "with an additional character": `Bearer ${credential}0`,
      "that is no key": "Bearer x",
      "of three parts like a token": "Bearer eyJhbGciOiJub25lIn0.eyJzY29wZSI6InVzZXJzOnJlYWQifQ.",
      empty: "Bearer",
      "of two words": `Bearer ${credential} ${credential}`,
      "of two keys": `Bearer ${credential}, Bearer ${credential}`,
      "in quotes": `Bearer "${credential}"`,
    };
    const headers = { "x-request-id": "the-id" };
    const responses = [];
    for (const [label, authorization] of Object.entries(fields)) {
      const response = await anonymous.request("/users", { headers: { ...headers, authorization } });
      expect(response.headers.get("www-authenticate"), label).toBe(INVALID);
      responses.push({ label, status: response.status, body: await readJson(response) });
    }
    const [{ body }] = responses as [(typeof responses)[number]];
    expect(body).toHaveProperty("detail", "The credential is invalid.");
    for (const response of responses) expect(response).toEqual({ label: response.label, status: 401, body });
  });

  test("returns 401 before validating the content type, the size, the query, the body and headers", async () => {
    const { admin, anonymous } = await startClients();
    const id = await admin.createUser();
    const { request, sendJson } = anonymous;
    const json = { "content-type": "application/json" };
    const requests: Record<string, Promise<Response>> = {
      "a valid create": sendJson("POST", "/users", newUserBody()),
      "malformed JSON": request("/users", { method: "POST", headers: json, body: "{" }),
      "an invalid user": sendJson("POST", "/users", {}),
      "another content type": sendJson("POST", "/users", {}, { "content-type": "text/plain" }),
      "a content encoding": sendJson("POST", "/users", {}, { "content-encoding": "gzip" }),
      "a body that is too large": sendJson("POST", "/users", "x".repeat(65_537)),
      "an unknown parameter": request("/users?x=1"),
      "an invalid limit": request("/users?limit=x"),
      "an invalid idempotency key": sendJson("POST", "/users", newUserBody(), { "idempotency-key": "" }),
      "an unknown user": sendJson("PUT", "/users/unknown", { lastname: "Roe" }),
      "a stale version": sendJson("PUT", `/users/${id}`, { lastname: "Roe" }, { "if-match": '"7"' }),
      "a delete": request(`/users/${id}`, { method: "DELETE" }),
      "a conditional get": request(`/users/${id}`, { headers: { "if-none-match": "*" } }),
    };
    for (const [label, response] of Object.entries(requests)) {
      expect((await response).status, label).toBe(401);
      expect((await response).headers.get("www-authenticate"), label).toBe(MISSING);
    }
    expect((await readJson(await admin.request("/users")))["users"]).toHaveLength(1);
    expect((await admin.request(`/users/${id}`)).headers.get("etag")).toBe('"1"');
  });

  test("accepts a credential only in the Authorization header with the scheme Bearer", async () => {
    const { anonymous, credential } = await startClients();
    const requests: [label: string, path: string, headers?: Record<string, string>][] = [
      ["the parameter access_token", `/users?access_token=${credential}`],
      ["the parameter api_key", `/users?api_key=${credential}`],
      ["a cookie", "/users", { cookie: `access_token=${credential}; Authorization=Bearer ${credential}` }],
      ["X-API-Key", "/users", { "x-api-key": credential }],
      ["Basic, as the password", "/users", { authorization: `Basic ${btoa(`user:${credential}`)}` }],
      ["Basic, as the user", "/users", { authorization: `Basic ${btoa(`${credential}:`)}` }],
      ["Basic without encoding", "/users", { authorization: `Basic ${credential}` }],
      ["no scheme", "/users", { authorization: credential }],
      ["the scheme ApiKey", "/users", { authorization: `ApiKey ${credential}` }],
      ["the scheme Bearer without a space", "/users", { authorization: `Bearer${credential}` }],
    ];
    for (const [label, path, headers = {}] of requests) {
      const response = await anonymous.request(path, { headers });
      expect(response.headers.get("www-authenticate"), label).toBe(MISSING);
      expect(await response.clone().text(), label).not.toContain(credential);
      await expectProblem(response, "unauthenticated", "/users");
    }
  });

  test("accepts the scheme in any case, and several spaces", async () => {
    const { anonymous, credential } = await startClients();
    for (const scheme of ["Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer  ", "Bearer     "]) {
      const headers = { authorization: scheme + credential };
      expect((await anonymous.request("/users", { headers })).status, scheme).toBe(200);
    }
  });

  test("no response contains the credential", async () => {
    const { admin, anonymous, credential, createCredential } = await startClients();
    const reader = await createCredential(["users:read"]);
    const revoked = await createCredential(SCOPES, "revoked");
    const expired = await createCredential(SCOPES, "expired");
    const id = await admin.createUser();
    const requests: [status: number, credential: string, path: string, init?: RequestInit][] = [
      [200, credential, `/users/${id}`],
      [404, credential, "/users/unknown"],
      [404, credential, "/unknown"],
      [405, credential, "/users", { method: "DELETE" }],
      [400, credential, "/users?x=1"],
      [415, credential, "/users", { method: "POST", body: "x", headers: { "content-type": "text/plain" } }],
      [403, reader, "/users"],
      [401, revoked, "/users"],
      [401, expired, "/users"],
      [401, "umk_malformed", "/users"],
    ];
    for (const [status, sent, path, init = {}] of requests) {
      const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${sent}` };
      const response = await anonymous.request(path, { ...init, headers });
      expect(response.status, path).toBe(status);
      const content = JSON.stringify([...response.headers]) + (await response.text());
      expect(content, path).not.toContain(sent);
      expect(content, path).not.toContain(sent.slice(4));
    }
  });
}
