import { expect, test } from "vitest";
import { expectProblem, newUserBody, readJson, type StartService } from "./test-client.ts";

const MAX_BODY_BYTES = 64 * 1024;

const JSON_TYPE = { "content-type": "application/json" };

export function describeBodies(start: StartService): void {
  test("returns 415 with the accepted media type for any other media type", async () => {
    const { request } = await start();
    const contentTypes = [
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
    for (const contentType of contentTypes) {
      const body = new Blob([JSON.stringify(newUserBody())]);
      const response = await request("/users", { method: "POST", headers: { "content-type": contentType }, body });
      expect(response.headers.get("accept"), contentType).toBe("application/json");
      expect(await readJson(response.clone())).toHaveProperty(
        "detail",
        "The request must have the header Content-Type: application/json, and a body in UTF-8.",
      );
      await expectProblem(response, "unsupported-media-type", "/users");
    }
  });

  test("returns 415 for a body without a media type, and 400 for no body", async () => {
    const { request } = await start();
    const body = new TextEncoder().encode(JSON.stringify(newUserBody()));
    await expectProblem(await request("/users", { method: "POST", body }), "unsupported-media-type");
    await expectProblem(await request("/users", { method: "POST" }), "malformed-body");
  });

  test("accepts a media type in any case and with the charset UTF-8", async () => {
    const { sendJson } = await start();
    for (const contentType of [
      "Application/JSON",
      "application/json;charset=UTF-8",
      'application/json; charset="utf-8"; x=y',
    ]) {
      const response = await sendJson("POST", "/users", newUserBody(), { "content-type": contentType });
      expect(response.status, contentType).toBe(201);
    }
  });

  test("PUT returns 415 for a merge patch, and PATCH for a JSON Patch", async () => {
    const { createUser, sendJson } = await start();
    const path = `/users/${await createUser()}`;
    const mergePatch = { "content-type": "application/merge-patch+json" };
    await expectProblem(await sendJson("PUT", path, { lastname: "Roe" }, mergePatch), "unsupported-media-type");
    const jsonPatch = { "content-type": "application/json-patch+json" };
    const response = await sendJson("PATCH", path, { lastname: "Roe" }, jsonPatch);
    expect(response.headers.get("accept")).toBe("application/merge-patch+json, application/json");
    await expectProblem(response, "unsupported-media-type");
  });

  test("returns 415 for a body with a Content-Encoding other than identity", async () => {
    const { sendJson } = await start();
    for (const encoding of ["gzip", "br", "identity, gzip", "x"]) {
      const response = await sendJson("POST", "/users", newUserBody(), { "content-encoding": encoding });
      expect(response.headers.get("accept-encoding"), encoding).toBe("identity");
      await expectProblem(response, "unsupported-media-type");
    }
    for (const encoding of ["identity", "Identity"]) {
      const response = await sendJson("POST", "/users", newUserBody(), { "content-encoding": encoding });
      expect(response.status, encoding).toBe(201);
    }
  });

  test("accepts a body of 64 KiB and returns 413 for a larger one, also in chunks", async () => {
    const { request } = await start();
    const post = (body: string) => request("/users", { method: "POST", headers: JSON_TYPE, body });
    const full = JSON.stringify(newUserBody()).padEnd(MAX_BODY_BYTES, " ");
    expect((await post(full)).status).toBe(201);
    await expectProblem(await post(`${full} `), "payload-too-large");

    const postInChunks = (text: string, headers: Record<string, string> = JSON_TYPE) =>
      request("/users", { method: "POST", headers, body: toChunks(text), duplex: "half" } as RequestInit);
    const otherFull = JSON.stringify(newUserBody()).padEnd(MAX_BODY_BYTES, " ");
    expect((await postInChunks(otherFull)).status).toBe(201);
    await expectProblem(await postInChunks(`${otherFull} `), "payload-too-large");
    await expectProblem(await postInChunks(`${otherFull} `, {}), "payload-too-large");
  });

  test("validates the media type before the size, the size before the query, and the query before the body", async () => {
    const { request } = await start();
    const large = "x".repeat(MAX_BODY_BYTES + 1);
    const post = (path: string, headers: Record<string, string>, body: string) =>
      request(path, { method: "POST", headers, body });
    const put = (path: string, headers: Record<string, string>, body: string) =>
      request(path, { method: "PUT", headers, body });
    await expectProblem(await post("/users?x=1", {}, "x"), "unsupported-media-type");
    await expectProblem(await post("/users?x=1", JSON_TYPE, large), "payload-too-large");
    await expectProblem(await post("/users?x=1", JSON_TYPE, "x"), "invalid-query");
    await expectProblem(await post("/users", { "content-type": "text/plain" }, large), "unsupported-media-type");
    await expectProblem(await put("/users/x?x=1", {}, "x"), "unsupported-media-type");
    await expectProblem(await put("/users/x?x=1", JSON_TYPE, "x"), "invalid-query");
  });
}

function toChunks(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(offset, (offset += 10_000)));
    },
  });
}
