import { expect, test } from "vitest";
import { expectProblem, newUserBody, readJson, type StartService } from "./test-client.ts";

const KEY = { "idempotency-key": "key" };

export function describeIdempotency(start: StartService): void {
  test("replays the first response for the same key and the same body", async () => {
    const { sendJson, getUser } = await start();
    const body = newUserBody();
    const first = await sendJson("POST", "/users", body, KEY);
    expect(first.headers.has("idempotent-replayed")).toBe(false);
    const replay = await sendJson("POST", "/users", body, { "idempotency-key": '"key"' });
    expect(replay.status).toBe(201);
    expect(replay.headers.get("idempotent-replayed")).toBe("true");
    for (const name of ["location", "etag"]) expect(replay.headers.get(name)).toBe(first.headers.get(name));
    const { user_id } = await readJson(first);
    expect(await readJson(replay)).toEqual({ message: "User created", user_id });
    expect(await getUser(String(user_id))).toEqual({ user_id, ...body });
  });

  test("returns 422 for the same key and another body", async () => {
    const { request, sendJson } = await start();
    const body = newUserBody();
    await sendJson("POST", "/users", body, KEY);
    for (const otherBody of [{ ...body, lastname: "Roe" }, newUserBody()]) {
      await expectProblem(await sendJson("POST", "/users", otherBody, KEY), "idempotency-key-reused");
    }
    expect((await readJson(await request("/users")))["users"]).toHaveLength(1);
  });

  test("replays the first response for members in another order, and for text in another normalization", async () => {
    const { sendJson } = await start();
    const body = newUserBody({ lastname: "Zoë", external_id: "42", metadata: { a: "1", b: "ä", c: "3" } });
    const first = await sendJson("POST", "/users", body, KEY);
    const reordered = Object.fromEntries(Object.entries(body).toReversed());
    const metadata = { c: "3", b: "a\u0308", a: "1" };
    const repetition = { ...reordered, lastname: " Zoe\u0308 ", metadata, status: "active" };
    const replay = await sendJson("POST", "/users", repetition, KEY);
    expect(replay.headers.get("idempotent-replayed")).toBe("true");
    expect(replay.headers.get("location")).toBe(first.headers.get("location"));
    for (const changes of [{ metadata: { ...metadata, a: "2" } }, { status: "suspended" }, { external_id: "43" }]) {
      const other = await sendJson("POST", "/users", { ...body, ...changes }, KEY);
      await expectProblem(other, "idempotency-key-reused", "/users");
    }
  });

  test("creates one user from concurrent requests with one key", async () => {
    const { request, sendJson } = await start();
    const body = newUserBody();
    const requests = Array.from({ length: 12 }, () => sendJson("POST", "/users", body, KEY));
    const responses = await Promise.all(requests);
    expect(responses.map(({ status }) => status)).toEqual(requests.map(() => 201));
    expect(new Set(responses.map(({ headers }) => headers.get("location"))).size).toBe(1);
    expect(responses.filter(({ headers }) => !headers.has("idempotent-replayed"))).toHaveLength(1);
    expect((await readJson(await request("/users")))["users"]).toHaveLength(1);
  });

  test("replays the first response even if the user has been updated or deleted", async () => {
    const { request, sendJson } = await start();
    const body = newUserBody();
    const headers = { ...KEY, prefer: "return=representation" };
    const first = await sendJson("POST", "/users", body, headers);
    const path = first.headers.get("location")!;
    const update = await sendJson("PUT", path, { lastname: "Roe" });
    const afterUpdate = await sendJson("POST", "/users", body, headers);
    expect(afterUpdate.headers.get("etag")).toBe(update.headers.get("etag"));
    expect(afterUpdate.status).toBe(201);
    expect(await readJson(afterUpdate)).toMatchObject({ lastname: "Roe" });
    await request(path, { method: "DELETE" });
    const afterDelete = await sendJson("POST", "/users", body, headers);
    expect(afterDelete.status).toBe(201);
    expect(afterDelete.headers.get("location")).toBe(path);
    expect(await readJson(afterDelete)).toEqual({ message: "User created", user_id: path.slice("/users/".length) });
    await expectProblem(await request(path), "not-found");
  });

  test("does not store the key of a rejected request", async () => {
    const { createUser, sendJson } = await start();
    await createUser({ email: "taken@example.com", external_id: "taken" });
    const taken = newUserBody({ email: "taken@example.com" });
    await expectProblem(await sendJson("POST", "/users", taken, KEY), "email-taken");
    const takenExternalId = newUserBody({ external_id: "taken" });
    await expectProblem(await sendJson("POST", "/users", takenExternalId, KEY), "external-id-taken");
    await expectProblem(await sendJson("POST", "/users", {}, KEY), "invalid-user");
    expect((await sendJson("POST", "/users", newUserBody(), KEY)).status).toBe(201);
  });

  test("accepts keys of 1 to 255 printable ASCII characters, bare or quoted", async () => {
    const { sendJson } = await start();
    for (const key of ["k", "k".repeat(255), "a b!~", `"${"q".repeat(255)}"`, '"a \\"quoted\\" \\\\ key"']) {
      expect((await sendJson("POST", "/users", newUserBody(), { "idempotency-key": key })).status, key).toBe(201);
    }
  });

  test("returns 400 for any other key", async () => {
    const { sendJson } = await start();
    const keys = [
      "",
      '""',
      "k".repeat(256),
      `"${"q".repeat(256)}"`,
      "clé",
      '"open',
      '"a" b',
      '"a"b"',
      '"a\\b"',
      "a\tb",
    ];
    for (const key of keys) {
      const response = await sendJson("POST", "/users", newUserBody(), { "idempotency-key": key });
      expect(response.status, key).toBe(400);
      await expectProblem(response, "malformed-request");
    }
  });
}
