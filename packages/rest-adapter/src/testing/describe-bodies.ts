import { expect, test } from "vitest";
import { expectProblem, newUser } from "./client.ts";
import type { StartService } from "./describe-http-contract.ts";

const LIMIT = 64 * 1024;

export function describeBodies(start: StartService): void {
  test("a body that is not JSON by its type is refused, and the answer says what is taken", async () => {
    const { ask } = await start();
    const types = [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json5",
      "text/json",
      "application/merge-patch+json",
      "application/json; charset=latin1",
      "application/json; charset=utf-16",
      "json",
      ",",
    ];
    for (const type of types) {
      const body = new Blob([JSON.stringify(newUser())]);
      const response = await ask("/users", { method: "POST", headers: { "content-type": type }, body });
      expect(response.headers.get("accept"), type).toBe("application/json");
      await expectProblem(response, "unsupported-media-type", "/users");
    }
  });

  test("a body without a type is refused", async () => {
    const { ask } = await start();
    const body = new TextEncoder().encode(JSON.stringify(newUser()));
    await expectProblem(await ask("/users", { method: "POST", body }), "unsupported-media-type");
    await expectProblem(await ask("/users", { method: "POST" }), "malformed-body");
  });

  test("a type may come in any case and with UTF-8 as its charset", async () => {
    const { send } = await start();
    for (const type of [
      "Application/JSON",
      "application/json;charset=UTF-8",
      'application/json; charset="utf-8"; x=y',
    ]) {
      expect((await send("POST", "/users", newUser(), { "content-type": type })).status, type).toBe(201);
    }
  });

  test("a merge patch is taken by PATCH alone", async () => {
    const { create, send } = await start();
    const path = `/users/${await create()}`;
    const type = { "content-type": "application/merge-patch+json" };
    await expectProblem(await send("PUT", path, { lastname: "Roe" }, type), "unsupported-media-type");
    const refused = await send("PATCH", path, { lastname: "Roe" }, { "content-type": "application/json-patch+json" });
    expect(refused.headers.get("accept")).toBe("application/merge-patch+json, application/json");
    await expectProblem(refused, "unsupported-media-type");
  });

  test("an encoded body is refused", async () => {
    const { send } = await start();
    for (const encoding of ["gzip", "br", "identity, gzip", "x"]) {
      const response = await send("POST", "/users", newUser(), { "content-encoding": encoding });
      expect(response.headers.get("accept-encoding")).toBe("identity");
      await expectProblem(response, "unsupported-media-type");
    }
    for (const encoding of ["identity", "Identity"]) {
      expect((await send("POST", "/users", newUser(), { "content-encoding": encoding })).status).toBe(201);
    }
  });

  test("a body may have 64 KiB and no byte more, also in chunks", async () => {
    const { ask } = await start();
    const user = JSON.stringify(newUser());
    const headers = { "content-type": "application/json" };
    const full = user.padEnd(LIMIT, " ");
    expect((await ask("/users", { method: "POST", headers, body: full })).status).toBe(201);
    await expectProblem(await ask("/users", { method: "POST", headers, body: `${full} ` }), "payload-too-large");
    const chunked = (text: string) =>
      ({ method: "POST", headers, body: inChunks(text), duplex: "half" }) as RequestInit;
    const other = JSON.stringify(newUser()).padEnd(LIMIT, " ");
    expect((await ask("/users", chunked(other))).status).toBe(201);
    await expectProblem(await ask("/users", chunked(`${other} `)), "payload-too-large");
    await expectProblem(await ask("/users", { ...chunked(`${other} `), headers: {} }), "payload-too-large");
  });

  test("what is no JSON object in UTF-8 is refused", async () => {
    const { ask } = await start();
    const valid = JSON.stringify(newUser());
    const bytes = new TextEncoder().encode(valid);
    const bodies: (string | Uint8Array<ArrayBuffer>)[] = [
      "",
      " ",
      "null",
      "7",
      '"text"',
      `[${valid}]`,
      valid.slice(0, -1),
      `${valid}x`,
      `${valid}{}`,
      `${valid}\u0000`,
      valid.replaceAll('"', "'"),
      valid.replace("{", "{/**/"),
      valid.replace("}", ",}"),
      '{"lastname":NaN}',
      '{"lastname":"\t"}',
      new Uint8Array([...bytes, 0xff]),
      new Uint8Array([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
      new Uint8Array([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
      new Uint8Array([0xff, 0xfe, ...Array.from(bytes).flatMap((byte) => [byte, 0])]),
      "[".repeat(10_000) + "]".repeat(10_000),
      "[".repeat(30_000),
    ];
    for (const body of bodies) {
      const response = await ask("/users", { method: "POST", headers: { "content-type": "application/json" }, body });
      await expectProblem(response, "malformed-body", "/users");
    }
    const intact = newUser();
    expect(
      (
        await ask("/users", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(intact),
        })
      ).status,
    ).toBe(201);
  });

  test("a byte order mark at the start is ignored, as RFC 8259 allows", async () => {
    const { ask } = await start();
    const body = `\ufeff${JSON.stringify(newUser())}`;
    const response = await ask("/users", { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(response.status).toBe(201);
  });

  test("a field that is named twice is refused, however it is spelt", async () => {
    const { ask } = await start();
    const valid = JSON.stringify(newUser());
    for (const extra of ['"email":"other@example.com"', '"\\u0065mail" : "other@example.com"', '"x":1,"x":1']) {
      const body = valid.replace("}", `,${extra}}`);
      const response = await ask("/users", { method: "POST", headers: { "content-type": "application/json" }, body });
      await expectProblem(response, "malformed-body");
    }
    const quoted = JSON.stringify(newUser({ address: '{"email": "x", "email": "y"} \\' }));
    const response = await ask("/users", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: quoted,
    });
    expect(response.status).toBe(201);
  });

  test("hostile objects are judged like others", async () => {
    const { ask } = await start();
    const valid = JSON.stringify(newUser()).slice(1);
    const deep = "[".repeat(10_000) + "]".repeat(10_000);
    for (const [member, pointer, code] of [
      ['"__proto__":{"isAdmin":true}', "#/__proto__", "unknown-field"],
      ['"constructor":{"prototype":{}}', "#/constructor", "unknown-field"],
      ['"toString":"x"', "#/toString", "unknown-field"],
      ['"":"x"', "#/", "unknown-field"],
      ['"a/b~c":"x"', "#/a~1b~0c", "unknown-field"],
      [`"deep":${deep}`, "#/deep", "unknown-field"],
      [`"firstname":${deep}`, "#/firstname", "not-a-string"],
      ['"firstname":{"$ne":null}', "#/firstname", "not-a-string"],
      ['"firstname":"a\\u0000b"', "#/firstname", "control-character"],
      ['"firstname":"\\ud800"', "#/firstname", "malformed-text"],
      ['"user_id":"x"', "#/user_id", "read-only"],
      ['"firstname":{"a":1,"a":2}', "#/firstname", "not-a-string"],
    ] as const) {
      const body = `{${member},${valid}`;
      const response = await ask("/users", { method: "POST", headers: { "content-type": "application/json" }, body });
      expect(await expectProblem(response, "invalid-user")).toEqual([{ pointer, code, detail: expect.any(String) }]);
    }
    expect({}).not.toHaveProperty("isAdmin");
  });

  test("type and size are judged before the query, and the query before the body", async () => {
    const { ask } = await start();
    const json = { "content-type": "application/json" };
    const large = "x".repeat(LIMIT + 1);
    await expectProblem(await ask("/users?x=1", { method: "POST", body: "x" }), "unsupported-media-type");
    await expectProblem(await ask("/users?x=1", { method: "POST", headers: json, body: large }), "payload-too-large");
    await expectProblem(await ask("/users?x=1", { method: "POST", headers: json, body: "x" }), "invalid-query");
    const text = { "content-type": "text/plain" };
    await expectProblem(await ask("/users", { method: "POST", headers: text, body: large }), "unsupported-media-type");
    await expectProblem(await ask("/users/x?x=1", { method: "PUT", body: "x" }), "unsupported-media-type");
    await expectProblem(await ask("/users/x?x=1", { method: "PUT", headers: json, body: "x" }), "invalid-query");
  });
}

function inChunks(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(offset, (offset += 10_000)));
    },
  });
}
