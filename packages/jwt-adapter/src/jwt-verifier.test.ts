import { createHash } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { sendJson, startIssuer } from "./testing/issuer.ts";
import { KEY_SET, RSA, toJwk } from "./testing/keys.ts";
import { ACCEPTED, createTestVerifier, EXPIRED, INVALID } from "./testing/test-verifier.ts";
import { AUDIENCE, createTokens, NOW_S, type TokenParts } from "./testing/tokens.ts";

const server = await startIssuer(afterAll);
server.routes["/jwks"] = sendJson(KEY_SET);
const issuer = `${server.url}/issuer`;
const jwksUrl = `${server.url}/jwks`;
const { createToken } = createTokens(issuer);

const digest = (text: string) => createHash("sha256").update(text).digest("base64url");

/** Creates a verifier whose calls of `digest` are counted: a cached token needs only one. */
function createCountingVerifier() {
  let digestCount = 0;
  const countDigest = (text: string) => {
    digestCount += 1;
    return digest(text);
  };
  const { verifier, advance } = createTestVerifier({ issuer, jwksUrl, digest: countDigest });
  const isCached = async (token: string) => {
    digestCount = 0;
    expect(await verifier.verify(token)).toMatchObject(ACCEPTED);
    return digestCount === 1;
  };
  return { verifier, advance, isCached };
}

test.for(["RS256", "PS256", "ES256", "EdDSA"])("accepts a token signed with %s", async (alg) => {
  const { verifier } = createTestVerifier({ issuer, jwksUrl });
  expect(await verifier.verify(createToken({ alg }))).toEqual({
    caller: { id: digest(JSON.stringify([issuer, "billing"])).slice(0, 12), auth: "token", scopes: ["users:read"] },
  });
});

test.for<[label: string, claims: object, scopes: string[]]>([
  ["scope with several values", { scope: "email users:delete users:list openid" }, ["users:list", "users:delete"]],
  ["scp as an array", { scope: undefined, scp: ["users:write", "users:read", 1] }, ["users:read", "users:write"]],
  ["scp as a string", { scope: undefined, scp: "users:write profile" }, ["users:write"]],
  ["scope beside scp", { scope: "users:read", scp: ["users:delete"] }, ["users:read"]],
])("grants our scopes of %s", async ([, claims, scopes]) => {
  const { verifier } = createTestVerifier({ issuer, jwksUrl });
  expect(await verifier.verify(createToken({ claims }))).toMatchObject({ caller: { scopes } });
});

test.for<[label: string, parts: TokenParts]>([
  ["an array of audiences with ours", { claims: { aud: ["other", AUDIENCE] } }],
  ["nbf and iat within the clock skew", { claims: { nbf: NOW_S + 30, iat: NOW_S + 30 } }],
  ["exp within the clock skew", { claims: { exp: NOW_S - 29.5 } }],
  ["times with fractions", { claims: { exp: NOW_S + 0.5, nbf: NOW_S - 0.5, iat: NOW_S - 0.5 } }],
  ["no iat", { claims: { iat: undefined } }],
  ["the type application/at+jwt", { header: { typ: "application/at+jwt" } }],
  ["the type AT+JWT", { header: { typ: "Application/AT+JWT" } }],
  ["no kid", { header: { kid: undefined } }],
  ["unknown header parameters", { header: { cty: "x", x5t: "x", unknown: [1] } }],
  ["strings that look like members", { claims: { note: '{"iss":"x","iss":"\\', other: 'a":b' } }],
  ["equal names in different objects", { claims: { one: { iss: 1, sub: [{ iss: 1 }] }, two: { iss: 1 } } }],
])("accepts a token with %s", async ([, parts]) => {
  const { verifier } = createTestVerifier({ issuer, jwksUrl });
  expect(await verifier.verify(createToken(parts))).toMatchObject(ACCEPTED);
});

test.for<[label: string, header: object]>([
  ["JWT", { typ: "JWT" }],
  ["jwt", { typ: "jwt" }],
  ["application/jwt", { typ: "application/jwt" }],
  ["none", { typ: undefined }],
  ["at+jwt", {}],
])("the type any accepts the typ %s", async ([, header]) => {
  const { verifier } = createTestVerifier({ issuer, jwksUrl, type: "any" });
  expect(await verifier.verify(createToken({ header }))).toMatchObject(ACCEPTED);
});

test("the caller is identified by issuer and sub, or by client_id without sub", async () => {
  const { verifier } = createTestVerifier({ issuer, jwksUrl });
  const getId = async (claims: object) => {
    const result = await verifier.verify(createToken({ claims }));
    return "caller" in result ? result.caller.id : undefined;
  };
  expect(await getId({ sub: undefined, client_id: "billing" })).toBe(await getId({}));
  expect(await getId({ client_id: "other" })).toBe(await getId({}));
  expect(await getId({ sub: "other" })).not.toBe(await getId({}));
  expect(await getId({ sub: "other" })).toMatch(/^[\w-]{12}$/);

  const otherIssuer = `${issuer}/other`;
  const other = createTestVerifier({ issuer: otherIssuer, jwksUrl });
  const result = await other.verifier.verify(createTokens(otherIssuer).createToken());
  expect(result).toMatchObject(ACCEPTED);
  expect(result).not.toMatchObject({ caller: { id: await getId({}) } });
});

test("a token expires 30 seconds after its exp", async () => {
  const { verifier, advance } = createTestVerifier({ issuer, jwksUrl });
  const token = createToken({ claims: { exp: NOW_S + 10 } });
  expect(await verifier.verify(token)).toMatchObject(ACCEPTED);
  advance(39.9);
  expect(await verifier.verify(token)).toMatchObject(ACCEPTED);
  advance(0.1);
  expect(await verifier.verify(token)).toEqual(EXPIRED);
  expect(await verifier.verify(token)).toEqual(EXPIRED);
});

test("a token becomes valid 30 seconds before its nbf", async () => {
  const { verifier, advance } = createTestVerifier({ issuer, jwksUrl });
  const token = createToken({ claims: { nbf: NOW_S + 31 } });
  expect(await verifier.verify(token)).toEqual(INVALID);
  advance(1);
  expect(await verifier.verify(token)).toMatchObject(ACCEPTED);
});

test.for<[label: string, create: () => string]>([
  ["has another audience", () => createToken({ claims: { exp: NOW_S - 60, aud: "other" } })],
  ["has no scope of ours", () => createToken({ claims: { exp: NOW_S - 60, scope: "openid" } })],
  ["has another type", () => createToken({ claims: { exp: NOW_S - 60 }, header: { typ: "JWT" } })],
  [
    "is signed with another key",
    () => createToken({ alg: "ES256", header: { kid: "ed" }, claims: { exp: NOW_S - 60 } }),
  ],
  ["is changed", () => createToken({ claims: { exp: NOW_S - 60 } }).slice(0, -4) + "AAAA"],
])("an expired token that %s is invalid", async ([, create]) => {
  const { verifier } = createTestVerifier({ issuer, jwksUrl });
  expect(await verifier.verify(createToken({ claims: { exp: NOW_S - 60 } }))).toEqual(EXPIRED);
  expect(await verifier.verify(create())).toEqual(INVALID);
});

test("a verified token is cached for a minute", async () => {
  const { isCached, advance } = createCountingVerifier();
  const token = createToken();
  expect(await isCached(token)).toBe(false);
  advance(59.9);
  expect(await isCached(token)).toBe(true);
  advance(0.1);
  expect(await isCached(token)).toBe(false);
  expect(await isCached(token)).toBe(true);
});

test("the signature of a cached token is part of what identifies it", async () => {
  const { isCached, verifier } = createCountingVerifier();
  const token = createToken();
  await isCached(token);
  expect(await isCached(token)).toBe(true);
  expect(await verifier.verify(`${token.slice(0, -2)}AA`)).toEqual(INVALID);
});

test("a rejected token is not cached", async () => {
  const { verifier, advance } = createTestVerifier({ issuer, jwksUrl: `${server.url}/late` });
  server.routes["/late"] = sendJson({ keys: [toJwk(RSA, { kid: "other" })] });
  const token = createToken();
  expect(await verifier.verify(token)).toEqual(INVALID);
  server.routes["/late"] = sendJson(KEY_SET);
  advance(30);
  expect(await verifier.verify(token)).toMatchObject(ACCEPTED);
});

test("10,000 verified tokens are cached; the first one is evicted for another", async () => {
  const { isCached } = createCountingVerifier();
  const tokens = Array.from({ length: 10_001 }, (_, jti) => createToken({ alg: "EdDSA", claims: { jti } }));
  const [first, second] = tokens;
  for (const token of tokens.slice(0, -1)) expect(await isCached(token)).toBe(false);
  expect(await isCached(first!)).toBe(true);
  expect(await isCached(tokens.at(-1)!)).toBe(false);
  expect(await isCached(second!)).toBe(true);
  expect(await isCached(first!)).toBe(false);
});
