import { expect, test } from "vitest";
import { expectProblem, type Client } from "./client.ts";
import type { StartService } from "./describe-http-contract.ts";

const PAST = "Mon, 01 Jan 2001 00:00:00 GMT";
const FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT";

export function describeConditionalRequests(start: StartService): void {
  test("If-None-Match with the tag answers 304 without a body, on GET and HEAD", async () => {
    const { client, path, tag } = await startWithUser(start);
    for (const method of ["GET", "HEAD"]) {
      for (const list of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
        const response = await client.ask(path, { method, headers: { "if-none-match": list } });
        expect(response.status).toBe(304);
        expect(response.headers.get("etag")).toBe(tag);
        expect(response.headers.get("cache-control")).toContain("no-cache");
        expect(response.headers.get("content-type")).toBeNull();
        expect(await response.text()).toBe("");
      }
    }
  });

  test("If-None-Match with other tags answers the user, whatever If-Modified-Since says", async () => {
    const { client, path } = await startWithUser(start);
    for (const list of ['"x"', '"0"', "", "1"]) {
      const headers = { "if-none-match": list, "if-modified-since": FUTURE };
      expect((await client.ask(path, { headers })).status).toBe(200);
    }
  });

  test("If-Modified-Since answers 304 unless the user was changed later", async () => {
    const { client, path } = await startWithUser(start);
    const modified = (await client.ask(path)).headers.get("last-modified")!;
    for (const [date, status] of [
      [FUTURE, 304],
      [modified, 304],
      [PAST, 200],
      ["yesterday", 200],
      ["2100-01-01", 200],
    ] as const) {
      expect((await client.ask(path, { headers: { "if-modified-since": date } })).status).toBe(status);
    }
  });

  for (const method of ["PUT", "PATCH", "DELETE"]) {
    test(`${method} with If-Match acts on the tag named, in a list or by *`, async () => {
      for (const list of [(tag: string) => tag, (tag: string) => `"x", W/"1", ${tag} ,"y"`, () => "*"]) {
        const { client, path, tag } = await startWithUser(start);
        expect((await write(client, method, path, { "if-match": list(tag) })).status).toBe(200);
      }
    });

    test(`${method} with another tag is refused with the current one, and nothing is changed`, async () => {
      const { client, path, tag, id } = await startWithUser(start);
      const before = await client.read(id);
      for (const list of [
        '"x"',
        '"0", "99"',
        `W/${tag}`,
        tag.slice(1, -1),
        '"01"',
        '"1e0"',
        "",
        `w/${tag}`,
        `x${tag}`,
        `"x" ${tag}`,
        `${tag}x`,
      ]) {
        const response = await write(client, method, path, { "if-match": list });
        expect(response.headers.get("etag")).toBe(tag);
        await expectProblem(response, "stale-version", path);
      }
      expect(await client.read(id)).toEqual(before);
    });

    test(`${method} heeds If-Unmodified-Since and If-None-Match`, async () => {
      const { client, path, tag } = await startWithUser(start);
      const refused: Record<string, string>[] = [
        { "if-unmodified-since": PAST },
        { "if-none-match": "*" },
        { "if-none-match": tag },
        { "if-match": tag, "if-none-match": tag },
      ];
      for (const headers of refused) await expectProblem(await write(client, method, path, headers), "stale-version");
      const headers = { "if-unmodified-since": FUTURE, "if-none-match": '"x"' };
      expect((await write(client, method, path, headers)).status).toBe(200);
    });

    test(`${method} heeds If-Match alone when If-Unmodified-Since comes with it`, async () => {
      const { client, path, tag } = await startWithUser(start);
      expect((await write(client, method, path, { "if-match": tag, "if-unmodified-since": PAST })).status).toBe(200);
    });

    test(`${method} finds no user before it looks at a precondition`, async () => {
      const client = await start();
      for (const headers of [{ "if-match": '"1"' }, { "if-match": "*" }, { "if-none-match": "*" }]) {
        await expectProblem(await write(client, method, "/users/nobody", headers), "not-found");
      }
    });
  }

  test("the body is judged before the user is looked up, and the address after the precondition", async () => {
    const { client, path } = await startWithUser(start);
    await client.create({ email: "taken@example.com" });
    const headers = { "if-match": '"x"' };
    await expectProblem(await client.send("PUT", "/users/nobody", {}, { "if-none-match": "*" }), "invalid-user");
    await expectProblem(await client.send("PUT", path, { email: "no" }, headers), "invalid-user");
    await expectProblem(await client.send("PUT", path, { email: "taken@example.com" }, headers), "stale-version");
  });

  test("of several writers holding one tag exactly one wins", async () => {
    const { client, path, tag } = await startWithUser(start);
    const writes = Array.from({ length: 10 }, (_, n) =>
      client.send("PUT", path, { lastname: `Writer ${n}` }, { "if-match": tag }),
    );
    const statuses = (await Promise.all(writes)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(9);
  });

  test("the tag changes with every stored change", async () => {
    const { client, path, tag } = await startWithUser(start);
    const tags = new Set([tag]);
    for (const lastname of ["Roe", "Poe", "Poe"]) {
      const response = await client.send("PUT", path, { lastname });
      tags.add(response.headers.get("etag")!);
    }
    expect(tags.size).toBe(4);
  });
}

async function startWithUser(start: StartService): Promise<{ client: Client; id: string; path: string; tag: string }> {
  const client = await start();
  const id = await client.create();
  const path = `/users/${id}`;
  return { client, id, path, tag: (await client.ask(path)).headers.get("etag")! };
}

function write(client: Client, method: string, path: string, headers: Record<string, string>): Promise<Response> {
  return method === "DELETE"
    ? client.ask(path, { method, headers })
    : client.send(method, path, { lastname: "Roe" }, headers);
}
