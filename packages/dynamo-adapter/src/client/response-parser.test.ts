import { array, assert, integer, nat, property, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { createResponseParser, type ParsedResponse } from "./response-parser.ts";

/** Parses bytes that arrive in pieces, then the end of the connection unless a response is complete before it. */
function parse(bytes: Buffer | string, cuts: readonly number[] = []): ParsedResponse | undefined {
  const buffer = Buffer.from(bytes);
  const parser = createResponseParser();
  const offsets = [0, ...cuts.map((cut) => cut % (buffer.length + 1)).toSorted((a, b) => a - b), buffer.length];
  for (const [index, offset] of offsets.slice(1).entries()) {
    const response = parser.add(buffer.subarray(offsets[index], offset));
    // Bytes behind a response arrive with it or later; only the transport sees the latter.
    if (response) return response;
  }
  return parser.end();
}

const bodies = uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const cuts = array(nat({ max: 10_000 }), { maxLength: 20 });

function formatChunked(body: Buffer, sizes: readonly number[]): Buffer {
  const parts: Buffer[] = [];
  let offset = 0;
  for (const size of [...sizes, body.length]) {
    const chunk = body.subarray(offset, offset + size);
    if (chunk.length > 0)
      parts.push(Buffer.from(`${chunk.length.toString(16)};name=value\r\n`), chunk, Buffer.from("\r\n"));
    offset += chunk.length;
  }
  return Buffer.concat([...parts, Buffer.from("0\r\nx-trailer: ignored\r\n\r\n")]);
}

test("a body with a content length is complete with its last byte, however it arrives", () => {
  assert(
    property(bodies, cuts, (body, offsets) => {
      const head = `HTTP/1.1 400 Bad Request\r\nContent-Length: ${body.length}\r\nX-Amzn-RequestId:\tid \r\n\r\n`;
      const response = parse(Buffer.concat([Buffer.from(head), body]), offsets);
      expect(response).toMatchObject({ status: 400, isReusable: true });
      expect([...response!.headers]).toEqual([
        ["content-length", String(body.length)],
        ["x-amzn-requestid", "id"],
      ]);
      expect(response!.body.equals(body)).toBe(true);
    }),
  );
});

test("a chunked body is complete with its last chunk and trailer, however it arrives", () => {
  assert(
    property(bodies, array(integer({ min: 1, max: 50 }), { maxLength: 10 }), cuts, (body, sizes, offsets) => {
      const head = Buffer.from("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n");
      const response = parse(Buffer.concat([head, formatChunked(body, sizes)]), offsets);
      expect(response).toMatchObject({ status: 200, isReusable: true });
      expect(response!.body.equals(body)).toBe(true);
    }),
  );
});

test("a body without a length is complete with the end of the connection", () => {
  assert(
    property(bodies, cuts, (body, offsets) => {
      const response = parse(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\n\r\n"), body]), offsets);
      expect(response).toMatchObject({ status: 200, isReusable: false });
      expect(response!.body.equals(body)).toBe(true);
    }),
  );
});

test("a truncated response is no response", () => {
  const responses = [
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  ];
  for (const response of responses) {
    for (let length = 0; length < response.length; length += 1) {
      expect(parse(response.slice(0, length)), `${length} bytes`).toBeUndefined();
    }
    expect(parse(response)?.body.toString()).toBe("hello");
  }
});

test("informational responses are skipped", () => {
  const early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n";
  const response = parse(`${early}HTTP/1.1 201\r\ncontent-length: 0\r\n\r\n`);
  expect(response).toMatchObject({ status: 201, headers: new Map([["content-length", "0"]]) });
});

describe("a connection can be used again", () => {
  test.for<[isReusable: boolean, label: string, response: string]>([
    [true, "by default", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"],
    [true, "after a status code without a body", "HTTP/1.1 204 No Content\r\n\r\n"],
    [true, "after 304 with a coding", "HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n"],
    [true, "in HTTP/1.0 with keep-alive", "HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 0\r\n\r\n"],
    [false, "in HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n"],
    [false, "that the server closes", "HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 0\r\n\r\n"],
    [false, "with bytes behind the body", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{}"],
    [false, "with bytes behind the last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nx"],
  ])("%s: %s", ([isReusable, , response]) => {
    expect(parse(response)).toMatchObject({ isReusable });
  });
});

test.for<[label: string, response: string, message: string]>([
  ["another protocol", "SSH-2.0-OpenSSH\r\n\r\n", "status line"],
  ["another version", "HTTP/2.0 200 OK\r\n\r\n", "status line"],
  ["a status code of two digits", "HTTP/1.1 20 OK\r\n\r\n", "status line"],
  ["a field without a colon", "HTTP/1.1 200 OK\r\nname\r\n\r\n", "header field"],
  ["a field with a space before the colon", "HTTP/1.1 200 OK\r\nname : x\r\n\r\n", "header field"],
  ["a field that continues on the next line", "HTTP/1.1 200 OK\r\nname: x\r\n y\r\n\r\n", "header field"],
  ["a line feed at the beginning of a value", "HTTP/1.1 200 OK\r\nname:\nx\r\n\r\n", "header field"],
  ["a carriage return at the end of a value", "HTTP/1.1 200 OK\r\nname: x\r\r\n\r\n", "header field"],
  ["a bare line feed", "HTTP/1.1 200 OK\r\nname: x\ny: z\r\n\r\n", "header field"],
  ["a content length that is no number", "HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\n", "content length"],
  ["two content lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", "content length"],
  ["another coding", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n", "transfer encoding"],
  ["a chunk size that is no number", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n", "size of a chunk"],
  ["a chunk that is too long", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxyz", "end of a chunk"],
  ["a header without an end", `HTTP/1.1 200 OK\r\nname: ${"x".repeat(17_000)}`, "too long"],
])("%s is a syntax error", ([, response, message]) => {
  expect(() => parse(response)).toThrow(message);
});
