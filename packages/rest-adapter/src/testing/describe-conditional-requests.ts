import { expect, test } from "vitest";
import { expectProblem, type StartService, type TestClient } from "./test-client.ts";

const PAST = "Mon, 01 Jan 2001 00:00:00 GMT";
const FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT";

export function describeConditionalRequests(start: StartService): void {
  test("If-None-Match returns 304 without a body if the ETag matches, on GET and HEAD", async () => {
    const { client, path, etag } = await startWithUser(start);
    for (const method of ["GET", "HEAD"]) {
      for (const field of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
        const response = await client.request(path, { method, headers: { "if-none-match": field } });
        expect(response.status, `${method} ${field}`).toBe(304);
        expect(response.headers.get("etag")).toBe(etag);
        expect(response.headers.get("cache-control")).toContain("no-cache");
        expect(response.headers.get("content-type")).toBeNull();
        expect(await response.text()).toBe("");
      }
    }
  });

  test("If-None-Match returns 200 if no ETag matches, and If-Modified-Since is ignored beside it", async () => {
    const { client, path } = await startWithUser(start);
    for (const field of ['"x"', '"0"', "", "1"]) {
      const headers = { "if-none-match": field, "if-modified-since": FUTURE };
      expect((await client.request(path, { headers })).status, field).toBe(200);
    }
  });

  test("If-Modified-Since returns 304 if the last update is before the date", async () => {
    const { client, path, lastModified } = await startWithUser(start);
    for (const [label, date, status] of [
      ["in the future", FUTURE, 304],
      ["one second after the update", addSeconds(lastModified, 1), 304],
      ["in the second of the update", lastModified, 200],
      ["one second before the update", addSeconds(lastModified, -1), 200],
      ["in the past", PAST, 200],
      ["not a date", "yesterday", 200],
      ["not an HTTP-date", "2100-01-01", 200],
    ] as const) {
      const response = await client.request(path, { headers: { "if-modified-since": date } });
      expect(response.status, label).toBe(status);
    }
  });

  test("If-Modified-Since with the known Last-Modified returns a later update, even one in the same second", async () => {
    const { client, id, path, lastModified } = await startWithUser(start);
    for (const lastname of ["Roe", "Poe"]) {
      await client.sendJson("PUT", path, { lastname });
      const response = await client.request(path, { headers: { "if-modified-since": lastModified } });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ ...(await client.getUser(id)), lastname });
    }
  });

  for (const method of ["PUT", "PATCH", "DELETE"]) {
    test(`${method} returns 200 if If-Match has the ETag, alone or in a list, or *`, async () => {
      for (const format of [(etag: string) => etag, (etag: string) => `"x", W/"1", ${etag} ,"y"`, () => "*"]) {
        const { client, path, etag } = await startWithUser(start);
        const field = format(etag);
        expect((await write(client, method, path, { "if-match": field })).status, field).toBe(200);
      }
    });

    test(`${method} returns 412 with the current ETag if If-Match does not match, and writes nothing`, async () => {
      const { client, path, etag, id } = await startWithUser(start);
      const before = await client.getUser(id);
      for (const field of [
        '"x"',
        '"0", "99"',
        `W/${etag}`,
        etag.slice(1, -1),
        '"01"',
        '"1e0"',
        "",
        `w/${etag}`,
        `x${etag}`,
        `"x" ${etag}`,
        `${etag}x`,
      ]) {
        const response = await write(client, method, path, { "if-match": field });
        expect(response.headers.get("etag"), field).toBe(etag);
        await expectProblem(response, "stale-version", path);
      }
      expect(await client.getUser(id)).toEqual(before);
    });

    test(`${method} evaluates If-Unmodified-Since and If-None-Match`, async () => {
      const { client, path, etag, lastModified } = await startWithUser(start);
      for (const headers of [
        { "if-unmodified-since": PAST },
        { "if-unmodified-since": lastModified },
        { "if-none-match": "*" },
        { "if-none-match": etag },
        { "if-match": etag, "if-none-match": etag },
        { "if-match": '"x"', "if-none-match": '"y"' },
      ]) {
        await expectProblem(await write(client, method, path, headers), "stale-version");
      }
      const headers = { "if-unmodified-since": addSeconds(lastModified, 1), "if-none-match": '"x"' };
      expect((await write(client, method, path, headers)).status).toBe(200);
    });

    test(`${method} ignores If-Unmodified-Since beside If-Match`, async () => {
      const { client, path, etag } = await startWithUser(start);
      const headers = { "if-match": etag, "if-unmodified-since": PAST };
      expect((await write(client, method, path, headers)).status).toBe(200);
    });

    test(`${method} of an unknown user returns 404 with any precondition`, async () => {
      const client = await start();
      for (const headers of [
        { "if-match": '"1"' },
        { "if-match": "*" },
        { "if-none-match": "*" },
        { "if-unmodified-since": PAST },
      ]) {
        await expectProblem(await write(client, method, "/users/unknown", headers), "not-found");
      }
    });
  }

  test("If-Unmodified-Since with the known Last-Modified keeps a later update, even one in the same second", async () => {
    const { client, id, path, lastModified } = await startWithUser(start);
    expect((await client.sendJson("PUT", path, { lastname: "Roe" })).status).toBe(200);
    for (const method of ["PUT", "PATCH", "DELETE"]) {
      const response = await write(client, method, path, { "if-unmodified-since": lastModified });
      await expectProblem(response, "stale-version", path);
    }
    expect(await client.getUser(id)).toHaveProperty("lastname", "Roe");
  });

  test("an update validates the body before it looks up the user, and the precondition before the unique values", async () => {
    const { client, path } = await startWithUser(start);
    await client.createUser({ email: "taken@example.com", external_id: "taken" });
    const stale = { "if-match": '"x"' };
    const unknown = await client.sendJson("PUT", "/users/unknown", {}, { "if-none-match": "*" });
    await expectProblem(unknown, "invalid-user");
    await expectProblem(await client.sendJson("PUT", path, { email: "no" }, stale), "invalid-user");
    for (const taken of [{ email: "taken@example.com" }, { external_id: "taken" }]) {
      await expectProblem(await client.sendJson("PUT", path, taken, stale), "stale-version");
    }
  });

  test("exactly one of several concurrent updates with one ETag succeeds", async () => {
    const { client, path, etag } = await startWithUser(start);
    const updates = Array.from({ length: 10 }, (_, n) =>
      client.sendJson("PUT", path, { lastname: `Writer ${n}` }, { "if-match": etag }),
    );
    const statuses = (await Promise.all(updates)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(9);
  });

  test("every stored update changes the ETag, even one with the stored value", async () => {
    const { client, path, etag } = await startWithUser(start);
    const etags = new Set([etag]);
    for (const lastname of ["Roe", "Poe", "Poe"]) {
      const response = await client.sendJson("PUT", path, { lastname });
      etags.add(response.headers.get("etag")!);
    }
    expect(etags.size).toBe(4);
  });
}

interface ServiceWithUser {
  readonly client: TestClient;
  readonly id: string;
  readonly path: string;
  readonly etag: string;
  readonly lastModified: string;
}

async function startWithUser(start: StartService): Promise<ServiceWithUser> {
  const client = await start();
  const id = await client.createUser();
  const path = `/users/${id}`;
  const { headers } = await client.request(path);
  return { client, id, path, etag: headers.get("etag")!, lastModified: headers.get("last-modified")! };
}

function write(
  { request, sendJson }: TestClient,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<Response> {
  return method === "DELETE"
    ? request(path, { method, headers })
    : sendJson(method, path, { lastname: "Jones" }, headers);
}

function addSeconds(httpDate: string, seconds: number): string {
  return new Date(Date.parse(httpDate) + seconds * 1000).toUTCString();
}
