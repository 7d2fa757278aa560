import { SCOPES } from "@user-management/domain";
import { expect, test } from "vitest";
import type { StartAccessService } from "./access-service.ts";
import { createTestClient, expectProblem, newUserBody, readJson, type TestClient } from "./test-client.ts";

const PREFER = { prefer: "return=representation" };
const KEY = { "idempotency-key": "key" };

/** The headers of a response that describe the user in its body. */
const REPRESENTATION_HEADERS = ["preference-applied", "content-location", "last-modified"];

export function describeCallers(start: StartAccessService): void {
  test("a caller without users:read reads no user through a write", async () => {
    const { request, createCredential } = await start();
    const credentials = [
      await createCredential(["users:write"]),
      await createCredential(["users:write", "users:read"]),
    ];
    const [writer, editor] = credentials.map((credential) => createTestClient(request, { credential }));
    const body = newUserBody();
    const created = await writer!.sendJson("POST", "/users", body, { ...PREFER, ...KEY });
    const path = created.headers.get("location")!;
    const user_id = path.slice("/users/".length);
    await expectMessage(created, 201, { message: "User created", user_id });
    const replayed = await writer!.sendJson("POST", "/users", body, { ...PREFER, ...KEY });
    expect(replayed.headers.get("idempotent-replayed")).toBe("true");
    await expectMessage(replayed, 201, { message: "User created", user_id });
    for (const method of ["PUT", "PATCH"]) {
      const updated = await writer!.sendJson(method, path, { lastname: method }, PREFER);
      await expectMessage(updated, 200, { message: "User updated" });
    }
    await expectProblem(await writer!.request(path), "insufficient-scope", path);

    const replayedUser = await editor!.sendJson("POST", "/users", newUserBody(), { ...PREFER, ...KEY });
    expect(replayedUser.headers.get("preference-applied")).toBe("return=representation");
    const updated = await editor!.sendJson("PUT", path, { lastname: "Roe" }, PREFER);
    expect(updated.headers.get("preference-applied")).toBe("return=representation");
    expect(await readJson(updated)).toEqual({ user_id, ...body, lastname: "Roe" });
  });

  test("idempotency keys of different callers are independent", async () => {
    const { request, createCredential } = await start();
    const credentials = [await createCredential(SCOPES), await createCredential(SCOPES)];
    const third = createTestClient(request, { credential: await createCredential(SCOPES) });
    const clients = credentials.map((credential) => createTestClient(request, { credential }));
    const bodies = clients.map(() => newUserBody());
    const locations: (string | null)[] = [];
    for (const [n, { sendJson }] of clients.entries()) {
      const created = await sendJson("POST", "/users", bodies[n], KEY);
      expect(created.status).toBe(201);
      expect(created.headers.has("idempotent-replayed")).toBe(false);
      locations.push(created.headers.get("location"));
    }
    expect(new Set(locations).size).toBe(2);
    for (const [n, { sendJson }] of clients.entries()) {
      const replayed = await sendJson("POST", "/users", bodies[n], KEY);
      expect(replayed.headers.get("idempotent-replayed")).toBe("true");
      expect(replayed.headers.get("location")).toBe(locations[n]);
      await expectProblem(await sendJson("POST", "/users", bodies[1 - n], KEY), "idempotency-key-reused");
      await expectProblem(await third.sendJson("POST", "/users", bodies[n], KEY), "email-taken");
    }
  });

  test("each request has the rights of its own credential, in sequence and concurrently", async () => {
    const { request, createCredential } = await start();
    const lister = createTestClient(request, { credential: await createCredential(["users:list"]) });
    const writer = createTestClient(request, { credential: await createCredential(["users:write"]) });
    const anonymous = createTestClient(request);
    const clients: [client: TestClient, status: number][] = [
      [lister, 200],
      [anonymous, 401],
      [writer, 403],
    ];
    for (let round = 0; round < 3; round += 1) {
      for (const [client, status] of clients) expect((await client.request("/users")).status).toBe(status);
    }
    const rounds = Array.from({ length: 10 }, () => clients).flat();
    const responses = await Promise.all(rounds.map(([client]) => client.request("/users")));
    expect(responses.map((response) => response.status)).toEqual(rounds.map(([, status]) => status));
  });
}

/** Expects a successful response with this body and without a user. */
async function expectMessage(response: Response, status: number, body: object): Promise<void> {
  expect(response.status).toBe(status);
  for (const name of REPRESENTATION_HEADERS) expect(response.headers.has(name), name).toBe(false);
  expect(await readJson(response)).toEqual(body);
}
