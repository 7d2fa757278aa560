import { MALFORMED_AUTHORIZATION_FIELDS } from "@user-management/rest-adapter/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createKey } from "./testing/create-key.ts";
import { expectProblem, HOST, parseResponses, sendBytes, type RawResponse } from "./testing/raw-connection.ts";
import { startTestApplication, type TestApplication } from "./testing/start-test-application.ts";

let application: TestApplication;
let key: string;

beforeAll(async () => {
  // Each request has a client of its own, because an address may have 20 failures only.
  const settings = { USERS_AUTH: "required", USERS_TRUSTED_PROXIES: "127.0.0.1" };
  application = await startTestApplication(settings, {
    prepare: async (store) => ({ key } = await createKey(store.keys)),
  });
});
afterAll(() => application.stop());

let clientCount = 0;

/** Sends a request with these header fields, as Latin-1, and returns the response. */
async function sendFields(fields: string): Promise<RawResponse | undefined> {
  clientCount += 1;
  const request = `GET /users HTTP/1.1\r\n${HOST}Connection: close\r\nX-Forwarded-For: 192.0.2.${clientCount}\r\n${fields}\r\n`;
  return parseResponses(await sendBytes(application.port, Buffer.from(request, "latin1")))[0];
}

/** Replaces the key of a field, which no service has, by the one of this server. */
const insertKey = (field: string) => field.replaceAll(/umk_\w{49}/g, key);

function expectInvalid(response: RawResponse | undefined): void {
  expectProblem(response, 401, "unauthenticated");
  expect(response?.headers.get("www-authenticate")).toBe('Bearer realm="users", error="invalid_token"');
  expect(response?.body).not.toContain(key);
}

/** An HTTP parser removes spaces and tabs at the end of a value, so they make no key malformed. */
const [trimmed, malformed] = [true, false].map((isTrimmed) =>
  MALFORMED_AUTHORIZATION_FIELDS.filter(([, field]) => /umk_\w+[ \t]$/.test(field) === isTrimmed),
);

test.for(malformed!)("returns 401 for a credential with %s", async ([, field]) => {
  expectInvalid(await sendFields(`Authorization: ${insertKey(field)}\r\n`));
});

test.for(trimmed!)("accepts a key with %s", async ([, field]) => {
  expect((await sendFields(`Authorization: ${insertKey(field)}\r\n`))?.status).toBe(200);
});

test.for([
  ["the same key twice", (field: string) => field + field],
  ["a key and an empty value", (field: string) => `${field}Authorization:\r\n`],
  ["an empty value and a key", (field: string) => `Authorization: Bearer\r\n${field}`],
  ["a key and another scheme", (field: string) => `${field}Authorization: Basic eDp5\r\n`],
] as const)("returns 401 for two header lines with %s", async ([, repeat]) => {
  expectInvalid(await sendFields(repeat(`Authorization: Bearer ${key}\r\n`)));
});

test.for([
  ["continued on the next line", (value: string) => `Bearer\r\n ${value}`],
  ["with a zero byte", (value: string) => `Bearer ${value}\0`],
  ["with a carriage return", (value: string) => `Bearer ${value}\rx`],
] as const)("returns 400 for a field that is %s", async ([, format]) => {
  expectProblem(await sendFields(`Authorization: ${format(key)}\r\n`), 400, "malformed-request");
});
