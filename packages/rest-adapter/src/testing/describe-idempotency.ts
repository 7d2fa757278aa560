import { expect, test } from "vitest";
import { expectProblem, json, newUser } from "./client.ts";
import type { StartService } from "./describe-http-contract.ts";

export function describeIdempotency(start: StartService): void {
  test("a repeat answers the first 201 again and says so", async () => {
    const { send, read } = await start();
    const user = newUser();
    const first = await send("POST", "/users", user, { "idempotency-key": "key" });
    expect(first.headers.has("idempotent-replayed")).toBe(false);
    const repeat = await send("POST", "/users", user, { "idempotency-key": '"key"' });
    expect(repeat.status).toBe(201);
    expect(repeat.headers.get("idempotent-replayed")).toBe("true");
    for (const name of ["location", "etag"]) expect(repeat.headers.get(name)).toBe(first.headers.get(name));
    const { user_id } = await json(first);
    expect(await json(repeat)).toEqual({ message: "User created", user_id });
    expect(await read(String(user_id))).toEqual({ user_id, ...user });
  });

  test("the same key with another body is refused", async () => {
    const { send, ask } = await start();
    const user = newUser();
    await send("POST", "/users", user, { "idempotency-key": "key" });
    const other = { ...user, lastname: "Roe" };
    await expectProblem(await send("POST", "/users", other, { "idempotency-key": "key" }), "idempotency-key-reused");
    await expectProblem(
      await send("POST", "/users", newUser(), { "idempotency-key": "key" }),
      "idempotency-key-reused",
    );
    expect((await json(await ask("/users")))["users"]).toHaveLength(1);
  });

  test("simultaneous repeats make one user", async () => {
    const { send, ask } = await start();
    const user = newUser();
    const repeats = Array.from({ length: 12 }, () => send("POST", "/users", user, { "idempotency-key": "key" }));
    const responses = await Promise.all(repeats);
    expect(responses.map(({ status }) => status)).toEqual(repeats.map(() => 201));
    expect(new Set(responses.map(({ headers }) => headers.get("location"))).size).toBe(1);
    expect(responses.filter(({ headers }) => !headers.has("idempotent-replayed"))).toHaveLength(1);
    expect((await json(await ask("/users")))["users"]).toHaveLength(1);
  });

  test("a repeat is answered when the user has been changed or deleted meanwhile", async () => {
    const { ask, send } = await start();
    const user = newUser();
    const headers = { "idempotency-key": "key", prefer: "return=representation" };
    const first = await send("POST", "/users", user, headers);
    const place = first.headers.get("location")!;
    const update = await send("PUT", place, { lastname: "Roe" });
    const changed = await send("POST", "/users", user, headers);
    expect(changed.headers.get("etag")).toBe(update.headers.get("etag"));
    expect(changed.status).toBe(201);
    expect(await json(changed)).toMatchObject({ lastname: "Roe" });
    await ask(place, { method: "DELETE" });
    const deleted = await send("POST", "/users", user, headers);
    expect(deleted.status).toBe(201);
    expect(deleted.headers.get("location")).toBe(place);
    expect(await json(deleted)).toEqual({ message: "User created", user_id: place.slice("/users/".length) });
    await expectProblem(await ask(place), "not-found");
  });

  test("a request that was refused is not remembered", async () => {
    const { create, send } = await start();
    await create({ email: "taken@example.com" });
    const taken = newUser({ email: "taken@example.com" });
    await expectProblem(await send("POST", "/users", taken, { "idempotency-key": "key" }), "email-taken");
    await expectProblem(await send("POST", "/users", {}, { "idempotency-key": "key" }), "invalid-user");
    expect((await send("POST", "/users", newUser(), { "idempotency-key": "key" })).status).toBe(201);
  });

  test("a key is 1 to 255 printable characters, bare or quoted", async () => {
    const { send } = await start();
    const good = ["k", "k".repeat(255), "a b!~", `"${"q".repeat(255)}"`, '"a \\"quoted\\" \\\\ key"'];
    for (const key of good) {
      expect((await send("POST", "/users", newUser(), { "idempotency-key": key })).status, key).toBe(201);
    }
    const bad = ["", '""', "k".repeat(256), `"${"q".repeat(256)}"`, "clé", '"open', '"a" b', '"a"b"', '"a\\b"', "a\tb"];
    for (const key of bad) {
      await expectProblem(await send("POST", "/users", newUser(), { "idempotency-key": key }), "malformed-request");
    }
  });
}
