import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished } from "vitest";

/**
 * Opens a TCP connection, to send bytes that no HTTP client would send.
 *
 * @param localAddress the loopback address of the client, such as `127.0.0.2`
 */
export async function openConnection(port: number, localAddress = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Sends these bytes on a new connection, and resolves with all bytes received until the server closes it. */
export async function sendBytes(port: number, bytes: string | Uint8Array, localAddress?: string): Promise<string> {
  const socket = await openConnection(port, localAddress);
  socket.write(bytes);
  return text(socket);
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Parses a sequence of complete responses, each with a `Content-Length` in characters of ASCII. */
export function parseResponses(received: string): RawResponse[] {
  const responses: RawResponse[] = [];
  let rest = received;
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    const [statusLine = "", ...lines] = rest.slice(0, end).split("\r\n");
    const headers = new Headers(lines.map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
    const length = Number(headers.get("content-length"));
    responses.push({ status: Number(statusLine.split(" ")[1]), headers, body: rest.slice(end + 4, end + 4 + length) });
    rest = rest.slice(end + 4 + length);
  }
  return responses;
}

export const HOST = "Host: localhost\r\n";
export const JSON_TYPE = "Content-Type: application/json\r\n";

/** Expects a complete problem response of the server. */
export function expectProblem(response: RawResponse | undefined, status: number, type: string): void {
  expect(response?.status).toBe(status);
  expect(response?.headers.get("content-type")).toBe("application/problem+json");
  expect(response?.headers.get("x-content-type-options")).toBe("nosniff");
  expect(response?.headers.get("cache-control")).toBe("no-store");
  expect(Date.parse(String(response?.headers.get("date")))).toBeGreaterThan(Date.now() - 60_000);
  expect(JSON.parse(response?.body ?? "")).toEqual({
    type: `urn:user-management:problem:${type}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: expect.stringMatching(/^\//),
    request_id: response?.headers.get("x-request-id"),
  });
}
