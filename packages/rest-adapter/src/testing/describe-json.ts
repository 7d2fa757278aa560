import { expect, test } from "vitest";
import { expectProblem, newUserBody, type StartService } from "./test-client.ts";

type Body = string | Uint8Array<ArrayBuffer>;

export function describeJson(start: StartService): void {
  test("returns 400 for a body that is not a JSON object in UTF-8", async () => {
    const { postUser } = await startToPost(start);
    const valid = JSON.stringify(newUserBody());
    const bytes = new TextEncoder().encode(valid);
    const bodies: Record<string, Body> = {
      "an empty body": "",
      "white space": " ",
      null: "null",
      "a number": "7",
      "a string": '"text"',
      "an array": `[${valid}]`,
      "a truncated object": valid.slice(0, -1),
      "trailing text": `${valid}x`,
      "two objects": `${valid}{}`,
      "a trailing null character": `${valid}\u0000`,
      "single quotes": valid.replaceAll('"', "'"),
      "a comment": valid.replace("{", "{/**/"),
      "a trailing comma": valid.replace("}", ",}"),
      NaN: '{"lastname":NaN}',
      "an unescaped control character": '{"lastname":"\t"}',
      "a trailing byte that is not UTF-8": new Uint8Array([...bytes, 0xff]),
      "an incomplete UTF-8 sequence": new Uint8Array([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
      "a surrogate in UTF-8": new Uint8Array([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
      "UTF-16": new Uint8Array([0xff, 0xfe, ...Array.from(bytes).flatMap((byte) => [byte, 0])]),
      "deeply nested arrays": "[".repeat(10_000) + "]".repeat(10_000),
      "deeply nested open arrays": "[".repeat(30_000),
      "a member that is nested deeply": `{"x":${"[".repeat(30_000)}{}${"]".repeat(30_000)},"x":1}`,
    };
    for (const [label, body] of Object.entries(bodies)) {
      const response = await postUser(body);
      expect(response.status, label).toBe(400);
      await expectProblem(response, "malformed-body", "/users");
    }
    expect((await postUser(valid)).status).toBe(201);
  });

  test("ignores a byte order mark (RFC 8259 section 8.1)", async () => {
    const { postUser } = await startToPost(start);
    expect((await postUser(`\ufeff${JSON.stringify(newUserBody())}`)).status).toBe(201);
  });

  test("returns 400 for a member name that occurs twice, in any spelling", async () => {
    const { postUser } = await startToPost(start);
    const valid = JSON.stringify(newUserBody());
    const repetitions = [
      '"email":"other@example.com"',
      '"\\u0065mail" : "other@example.com"',
      '"x":1,"x":1',
      '"metadata":{"a":"1","a":"2"}',
      '"x":[{"a":1},{"a":1,"b":{"c":1,"c":2}}]',
    ];
    for (const members of repetitions) {
      const response = await postUser(valid.replace("}", `,${members}}`));
      expect(response.status, members).toBe(400);
      await expectProblem(response, "malformed-body");
    }
  });

  test("accepts a value that contains the text of two equal members", async () => {
    const { postUser } = await startToPost(start);
    const address = '{"email": "x", "email": "y"} \\';
    expect((await postUser(JSON.stringify(newUserBody({ address })))).status).toBe(201);
  });
}

async function startToPost(start: StartService): Promise<{ postUser: (body: Body) => Promise<Response> }> {
  const { request } = await start();
  const headers = { "content-type": "application/json" };
  return { postUser: (body) => request("/users", { method: "POST", headers, body }) };
}
