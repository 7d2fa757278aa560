import { expect, test } from "vitest";
import { MALFORMED_AUTHORIZATION_FIELDS } from "../testing/index.ts";
import { createInsufficientScope, createUnauthenticated, parseBearer } from "./bearer.ts";

const KEY = "umk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm";

test.for<[label: string, field: string, credential: string]>([
  ["an API key", `Bearer ${KEY}`, KEY],
  ["a token of three parts", "Bearer a.b-c_d.e", "a.b-c_d.e"],
  ["every character of a credential", "Bearer AZaz09._~+/-=", "AZaz09._~+/-="],
  ["padding", "Bearer YQ==", "YQ=="],
  ["one character", "Bearer x", "x"],
  ["a lower-case scheme", `bearer ${KEY}`, KEY],
  ["an upper-case scheme", `BEARER ${KEY}`, KEY],
  ["a mixed-case scheme", `bEaReR ${KEY}`, KEY],
  ["two spaces", `Bearer  ${KEY}`, KEY],
  ["many spaces", `Bearer${" ".repeat(100)}${KEY}`, KEY],
  ["8,192 characters", `Bearer ${"x".repeat(8_192)}`, "x".repeat(8_192)],
])("returns the credential of a field with %s", ([, field, credential]) => {
  expect(parseBearer(field)).toBe(credential);
});

test.for(MALFORMED_AUTHORIZATION_FIELDS)("returns an empty string for a field with %s", ([, field]) => {
  expect(parseBearer(field)).toBe("");
});

test.for<[label: string, field: string]>([
  ["a NUL", `Bearer ${KEY}\0`],
  ["a line feed at the end", `Bearer ${KEY}\n`],
  ["a line feed and a second line", `Bearer ${KEY}\nx`],
  ["a line feed instead of the space", `Bearer\n${KEY}`],
  ["a character beyond Latin-1", "Bearer \u{1f600}"],
])("returns an empty string for a field with %s, which no HTTP parser lets through", ([, field]) => {
  expect(parseBearer(field)).toBe("");
});

test.for<[label: string, field: string | null]>([
  ["no field", null],
  ["an empty field", ""],
  ["a credential without a scheme", KEY],
  ["the scheme Basic", "Basic dXNlcjpwYXNz"],
  ["the scheme Digest", 'Digest username="x"'],
  ["the scheme Negotiate", "Negotiate YII="],
  ["the scheme ApiKey", `ApiKey ${KEY}`],
  ["a scheme that begins with Bearer", `Bearers ${KEY}`],
  ["a scheme that begins with Bearer and a hyphen", `Bearer-x ${KEY}`],
  ["a scheme that ends with Bearer", `xBearer ${KEY}`],
  ["no space after Bearer", `Bearer${KEY}`],
  ["another scheme before Bearer", `Basic eDp5, Bearer ${KEY}`],
  ["a space before Bearer", ` Bearer ${KEY}`],
  ["a Latin-1 letter in the scheme", `B\u00e9arer ${KEY}`],
])("returns `undefined` for %s", ([, field]) => {
  expect(parseBearer(field)).toBeUndefined();
});

test("parses a malformed field in linear time", () => {
  const startedAt = performance.now();
  for (const field of [
    `Bearer${" ".repeat(1_000_000)}`,
    `Bearer ${"=".repeat(1_000_000)}`,
    "Bearer x=".repeat(200_000),
  ]) {
    expect(parseBearer(field)).toBe("");
  }
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

test("creates the challenges of RFC 6750", () => {
  const challenges = (["missing", "invalid", "expired"] as const).map((rejection) => {
    const { status, message, headers } = createUnauthenticated(rejection);
    return [rejection, status, headers["www-authenticate"], message];
  });
  expect(challenges).toEqual([
    ["missing", 401, 'Bearer realm="users"', "The request has no credential."],
    ["invalid", 401, 'Bearer realm="users", error="invalid_token"', "The credential is invalid."],
    ["expired", 401, 'Bearer realm="users", error="invalid_token"', "The credential has expired."],
  ]);
  expect(createInsufficientScope("users:read")).toMatchObject({
    status: 403,
    message: "The caller does not have the scope users:read.",
    headers: { "www-authenticate": 'Bearer realm="users", error="insufficient_scope", scope="users:read"' },
  });
});
