import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { sendJson, startIssuer } from "./testing/issuer.ts";
import { createSecret, EC, ED, KEY_SET, RSA, toJwk } from "./testing/keys.ts";
import { ACCEPTED, createTestVerifier, INVALID } from "./testing/test-verifier.ts";
import {
  AUDIENCE,
  createTokens,
  encode,
  NOW_S,
  setTrailingBit,
  signParts,
  toHeader,
  type TokenParts,
} from "./testing/tokens.ts";

const SECRET = "a secret of the issuer, 256 bits or more";
const ATTACKER = generateKeyPairSync("rsa", { modulusLength: 2048 });
const SECOND_RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
const SHORT_RSA = generateKeyPairSync("rsa", { modulusLength: 1024 });
const P384 = generateKeyPairSync("ec", { namedCurve: "P-384" });
const ED448 = generateKeyPairSync("ed448");

const server = await startIssuer(afterAll);
server.routes["/jwks"] = sendJson({
  keys: [
    ...KEY_SET.keys,
    toJwk(SECOND_RSA, { kid: "second" }),
    toJwk(RSA, { kid: "rs256", alg: "RS256" }),
    toJwk(RSA, { kid: "rs512", alg: "RS512" }),
    toJwk(RSA, { kid: "encryption", use: "enc" }),
    toJwk(RSA, { kid: "signing", key_ops: ["sign"] }),
    toJwk(RSA, { kid: "unused", key_ops: [] }),
    toJwk(SHORT_RSA, { kid: "short" }),
    toJwk(P384, { kid: "p384" }),
    toJwk(ED448, { kid: "ed448" }),
    { ...RSA.privateKey.export({ format: "jwk" }), kid: "private" },
    { kty: "oct", kid: "secret", use: "sig", k: encode(SECRET) },
    { kty: "oct", kid: "rsa", alg: "HS256", k: encode(SECRET) },
  ],
});

/** A server of the attacker, to which URLs in tokens point. */
const trap = await startIssuer(afterAll);
for (const path of ["/jwks", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]) {
  trap.routes[path] = sendJson({
    issuer: trap.url,
    jwks_uri: `${trap.url}/jwks`,
    keys: [toJwk(ATTACKER, { kid: "rsa" }), toJwk(ATTACKER, { kid: "attacker" })],
  });
}

const issuer = `${server.url}/issuer`;
const jwksUrl = `${server.url}/jwks`;
const { createToken, toClaims } = createTokens(issuer);
const attack = (parts: TokenParts) => createToken({ key: ATTACKER.privateKey, ...parts });

const { verifier } = createTestVerifier({ issuer, jwksUrl });
const { verifier: lenientVerifier } = createTestVerifier({ issuer, jwksUrl, type: "any" });

const PUBLIC_PEM = RSA.publicKey.export({ format: "pem", type: "spki" }).toString();
const PUBLIC_JWK = JSON.stringify(KEY_SET.keys[0]);

const [HEADER = "", CLAIMS = "", SIGNATURE = ""] = createToken().split(".");
const EC_TOKEN = createToken({ alg: "ES256" });

/** A header whose encoding has unused bits. */
const HEADER_WITH_UNUSED_BITS = ["", "x", "xx"]
  .map((padding) => encode(JSON.stringify(toHeader({ header: { padding } }))))
  .find((text) => text.length % 4 === 2)!;

const CLAIMS_WITH_UNUSED_BITS = ["", "x", "xx"]
  .map((padding) => encode(JSON.stringify(toClaims({ claims: { padding } }))))
  .find((text) => text.length % 4 === 3)!;

/** Inserts a member at the beginning of a JSON object. */
const prepend = (member: string, object: object) => JSON.stringify(object).replace("{", `{${member},`);

/** Replaces a signature of ECDSA by its DER encoding. */
function encodeEcSignatureAsDer(token: string): string {
  const [header, claims, signature = ""] = token.split(".");
  const bytes = Buffer.from(signature, "base64url");
  const integers = [bytes.subarray(0, 32), bytes.subarray(32)].map((part) => {
    const value = part[0]! > 0x7f ? Buffer.concat([Buffer.alloc(1), part]) : part;
    return Buffer.concat([Buffer.from([0x02, value.length]), value]);
  });
  const body = Buffer.concat(integers);
  return `${header}.${claims}.${encode(Buffer.concat([Buffer.from([0x30, body.length]), body]))}`;
}

type Attack = [label: string, create: () => string];

const ALGORITHMS: Attack[] = [
  ...["none", "None", "NONE", "nOnE"].flatMap((alg): Attack[] => [
    [`alg ${alg} without a signature`, () => `${encode(JSON.stringify(toHeader({ alg })))}.${CLAIMS}.`],
    [`alg ${alg} with a signature`, () => createToken({ alg, signatureAlg: "RS256" })],
  ]),
  ["HS256 with the public key as PEM", () => createToken({ alg: "HS256", key: createSecret(PUBLIC_PEM) })],
  ["HS256 with the trimmed PEM", () => createToken({ alg: "HS256", key: createSecret(PUBLIC_PEM.trim()) })],
  ["HS256 with the public key as JWK", () => createToken({ alg: "HS256", key: createSecret(PUBLIC_JWK) })],
  [
    "HS256 with a symmetric key of the set",
    () => createToken({ alg: "HS256", header: { kid: "secret" }, key: createSecret(SECRET) }),
  ],
  ["HS256 with a symmetric key of the same kid", () => createToken({ alg: "HS256", key: createSecret(SECRET) })],
  ["HS256 without kid", () => createToken({ alg: "HS256", header: { kid: undefined }, key: createSecret(SECRET) })],
  ["RS512 with a key for it", () => createToken({ alg: "RS512", header: { kid: "rs512" }, key: RSA.privateKey })],
  ["RS512 with a key for any algorithm", () => createToken({ alg: "RS512", key: RSA.privateKey })],
  ["PS384", () => createToken({ alg: "PS384", key: RSA.privateKey })],
  ["ES384", () => createToken({ alg: "ES384", header: { kid: "p384" }, key: P384.privateKey })],
  ["EdDSA with Ed448", () => createToken({ alg: "EdDSA", header: { kid: "ed448" }, key: ED448.privateKey })],
  ["alg in lower case", () => createToken({ header: { alg: "rs256" } })],
  ["alg in an array", () => createToken({ header: { alg: ["RS256"] } })],
  ["no alg", () => createToken({ header: { alg: undefined } })],
  ["alg that is a name of Object.prototype", () => createToken({ header: { alg: "toString" } })],
  ["RS256 with a signature of PS256", () => createToken({ signatureAlg: "PS256" })],
  ["PS256 with a signature of RS256", () => createToken({ alg: "PS256", signatureAlg: "RS256" })],
  ["PS256 with a key for RS256 only", () => createToken({ alg: "PS256", header: { kid: "rs256" } })],
  ["ES256 with P-384", () => createToken({ alg: "ES256", header: { kid: "p384" }, key: P384.privateKey })],
];

const KEYS: Attack[] = [
  ["an unknown key", () => attack({})],
  ["an unknown key without kid", () => attack({ header: { kid: undefined } })],
  ["an embedded jwk", () => attack({ header: { jwk: toJwk(ATTACKER, {}), kid: undefined } })],
  ["an embedded jwk with our kid", () => attack({ header: { jwk: toJwk(ATTACKER, { kid: "rsa" }) } })],
  ["an embedded jwk with an unknown kid", () => attack({ header: { jwk: toJwk(ATTACKER, {}), kid: "attacker" } })],
  ["jku", () => attack({ header: { jku: `${trap.url}/jwks` } })],
  ["jku with an unknown kid", () => attack({ header: { jku: `${trap.url}/jwks`, kid: "attacker" } })],
  ["jku without kid", () => attack({ header: { jku: `${trap.url}/jwks`, kid: undefined } })],
  ["x5u", () => attack({ header: { x5u: `${trap.url}/jwks`, kid: undefined } })],
  [
    "x5c",
    () => attack({ header: { x5c: [ATTACKER.publicKey.export({ format: "der", type: "spki" }).toString("base64")] } }),
  ],
  ["a URL as kid", () => attack({ header: { kid: `${trap.url}/jwks` } })],
  ["the issuer of the attacker", () => attack({ header: { kid: "attacker" }, claims: { iss: trap.url } })],
  ["a path as kid", () => attack({ header: { kid: "../../dev/null" } })],
  ["kid that is a name of Object.prototype", () => attack({ header: { kid: "__proto__" } })],
  ["the kid of another key", () => createToken({ header: { kid: "second" } })],
  ["the kid of a key of another type", () => createToken({ header: { kid: "ec" } })],
  ["kid as a number", () => createToken({ header: { kid: 1 } })],
  ["kid null", () => createToken({ header: { kid: null } })],
  ["a key of 1024 bits", () => createToken({ header: { kid: "short" }, key: SHORT_RSA.privateKey })],
  ["a key of 1024 bits without kid", () => createToken({ header: { kid: undefined }, key: SHORT_RSA.privateKey })],
  ["a key for encryption", () => createToken({ header: { kid: "encryption" } })],
  ["a key that is not for verification", () => createToken({ header: { kid: "signing" } })],
  ["a key for no operation", () => createToken({ header: { kid: "unused" } })],
  ["a key that is published with its private part", () => createToken({ header: { kid: "private" } })],
];

const FORMS: Attack[] = [
  ["no text", () => ""],
  ["dots only", () => ".."],
  ["one part", () => HEADER],
  ["two parts", () => `${HEADER}.${CLAIMS}`],
  ["four parts", () => `${createToken()}.${SIGNATURE}`],
  ["a dot at the end", () => `${createToken()}.`],
  ["five parts, as of a JWE", () => `${createToken()}.${SIGNATURE}.${SIGNATURE}`],
  ["an empty header", () => `.${CLAIMS}.${SIGNATURE}`],
  ["empty claims", () => signParts(HEADER, "")],
  ["an empty signature", () => `${HEADER}.${CLAIMS}.`],
  ["trailing bits in the header", () => signParts(setTrailingBit(HEADER_WITH_UNUSED_BITS), CLAIMS)],
  ["trailing bits in the claims", () => signParts(HEADER, setTrailingBit(CLAIMS_WITH_UNUSED_BITS))],
  ["trailing bits in the signature", () => setTrailingBit(createToken())],
  ["padding of the header", () => signParts(`${HEADER_WITH_UNUSED_BITS}==`, CLAIMS)],
  ["padding of the signature", () => `${createToken()}==`],
  ["one character too many", () => `${createToken()}A`],
  ["base64 instead of base64url", () => createToken().replaceAll("-", "+").replaceAll("_", "/")],
  ["white space before it", () => ` ${createToken()}`],
  ["white space after it", () => `${createToken()} `],
  ["a line feed after it", () => `${createToken()}\n`],
  ["a line feed in the signature", () => createToken().replace(/.{10}$/, "\n$&")],
  ["white space in the claims", () => signParts(HEADER, CLAIMS.replace(/.{8}$/, " $&"))],
  ["the JSON serialization", () => JSON.stringify({ protected: HEADER, payload: CLAIMS, signature: SIGNATURE })],
  ["the name of the scheme", () => `Bearer ${createToken()}`],
  ["more than 8 KiB", () => createToken({ claims: { padding: "x".repeat(8 * 1024) } })],
  ["a header that is not JSON", () => createToken({ headerText: "alg=RS256" })],
  ["a header that is an array", () => createToken({ headerText: '["RS256"]' })],
  ["a header that is null", () => createToken({ headerText: "null" })],
  ["alg twice", () => createToken({ headerText: prepend('"alg":"none"', toHeader({})) })],
  ["alg twice, once escaped", () => createToken({ headerText: prepend('"\\u0061lg":"none"', toHeader({})) })],
  ["claims that are not JSON", () => createToken({ claimsText: "users:read" })],
  ["claims that are an array", () => createToken({ claimsText: JSON.stringify([toClaims({})]) })],
  ["claims that are a string", () => createToken({ claimsText: JSON.stringify(JSON.stringify(toClaims({}))) })],
  ["claims that are null", () => createToken({ claimsText: "null" })],
  ["no claims", () => createToken({ claimsText: "{}" })],
  ["text after the claims", () => createToken({ claimsText: `${JSON.stringify(toClaims({}))}{}` })],
  ["a byte order mark", () => createToken({ claimsText: `\uFEFF${JSON.stringify(toClaims({}))}` })],
  ["malformed UTF-8", () => createToken({ claimsText: Buffer.from(prepend('"name":"\xff"', toClaims({})), "latin1") })],
  ["aud twice", () => createToken({ claimsText: prepend('"aud":"other"', toClaims({})) })],
  ["a nested member twice", () => createToken({ claimsText: prepend('"cnf":{"a":1,"a":1}', toClaims({})) })],
  ["crit with an unknown parameter", () => createToken({ header: { crit: ["exp"], exp: 1 } })],
  ["crit with b64", () => createToken({ header: { crit: ["b64"], b64: true } })],
  ["crit that is empty", () => createToken({ header: { crit: [] } })],
  ["crit null", () => createToken({ header: { crit: null } })],
  ["b64 without crit", () => createToken({ header: { b64: false } })],
  [
    "crit with b64 false",
    () => signParts(encode(JSON.stringify(toHeader({ header: { crit: ["b64"], b64: false } }))), CLAIMS),
  ],
];

const SIGNATURES: Attack[] = [
  ["zeros of ECDSA", () => EC_TOKEN.replace(/[^.]*$/, encode(Buffer.alloc(64)))],
  ["an ECDSA signature in DER", () => encodeEcSignatureAsDer(EC_TOKEN)],
  ["zeros of EdDSA", () => createToken({ alg: "EdDSA" }).replace(/[^.]*$/, encode(Buffer.alloc(64)))],
  ["zeros of RSA", () => `${HEADER}.${CLAIMS}.${encode(Buffer.alloc(256))}`],
  ["a truncated signature", () => createToken().slice(0, -2)],
  ["a byte after the signature", () => `${EC_TOKEN.slice(0, -2)}AAAA`],
  [
    "the signature of another token",
    () => `${HEADER}.${encode(JSON.stringify(toClaims({})))}.${EC_TOKEN.split(".")[2]}`,
  ],
  [
    "claims of another token",
    () => `${HEADER}.${encode(JSON.stringify(toClaims({ claims: { sub: "admin" } })))}.${SIGNATURE}`,
  ],
];

const claims = (label: string, members: object): Attack => [label, () => createToken({ claims: members })];

const TIMES: Attack[] = [
  claims("no exp", { exp: undefined }),
  claims("exp in milliseconds", { exp: (NOW_S + 300) * 1_000 }),
  [
    "exp that is infinite",
    () => createToken({ claimsText: JSON.stringify(toClaims({})).replace(/"exp":\d+/, '"exp":1e999') }),
  ],
  ...["exp", "nbf", "iat"].flatMap((name) => [
    claims(`${name} as a string`, { [name]: String(NOW_S) }),
    claims(`${name} null`, { [name]: null }),
    claims(`${name} that is negative`, { [name]: -NOW_S }),
    claims(`${name} true`, { [name]: true }),
    claims(`${name} in an array`, { [name]: [NOW_S] }),
  ]),
  claims("nbf in the future", { nbf: NOW_S + 31 }),
  claims("nbf in the far future", { nbf: 1e15 }),
  claims("iat in the future", { iat: NOW_S + 31 }),
  claims("iat in the far future", { iat: 1e15 }),
];

const CLAIM_VALUES: Attack[] = [
  claims("a foreign issuer", { iss: "https://issuer.example.com" }),
  claims("the issuer with a slash", { iss: `${issuer}/` }),
  claims("a prefix of the issuer", { iss: issuer.slice(0, -1) }),
  claims("the issuer in upper case", { iss: issuer.toUpperCase() }),
  claims("the issuer in an array", { iss: [issuer] }),
  claims("no issuer", { iss: undefined }),
  claims("a prefix of the audience", { aud: AUDIENCE.slice(0, -1) }),
  claims("the audience with a suffix", { aud: `${AUDIENCE}.attacker.example` }),
  claims("the audience in upper case", { aud: AUDIENCE.toUpperCase() }),
  claims("a list of audiences in a string", { aud: `other ${AUDIENCE}` }),
  claims("an array without our audience", { aud: ["other", `${AUDIENCE}/`] }),
  claims("an empty array of audiences", { aud: [] }),
  claims("an array with our audience and a number", { aud: [AUDIENCE, 1] }),
  claims("nested arrays of audiences", { aud: [[AUDIENCE]] }),
  claims("an object as audience", { aud: { [AUDIENCE]: AUDIENCE } }),
  claims("no audience", { aud: undefined }),
  claims("no scope", { scope: undefined }),
  claims("an empty scope", { scope: "" }),
  claims("foreign scopes only", { scope: "openid email users" }),
  claims("a prefix of our scope", { scope: "users:rea" }),
  claims("our scope with a suffix", { scope: "users:reader" }),
  claims("our scope with a wildcard", { scope: "users:* *" }),
  claims("our scope in upper case", { scope: "USERS:READ" }),
  claims("scopes that are separated by commas", { scope: "users:read,users:list" }),
  claims("scopes that are separated by tabs", { scope: "users:read\tusers:list" }),
  claims("scope as an array", { scope: ["users:read"] }),
  claims("scope null beside scp", { scope: null, scp: ["users:read"] }),
  claims("scope null beside scp as a string", { scope: null, scp: "users:read" }),
  claims("a foreign scope beside scp", { scope: "openid", scp: ["users:read"] }),
  claims("scp as an object", { scope: undefined, scp: { "users:read": true } }),
  claims("nested arrays of scp", { scope: undefined, scp: [["users:read"]] }),
  claims("several scopes in one member of scp", { scope: undefined, scp: ["users:read users:list"] }),
  claims("roles instead of scopes", { scope: undefined, roles: ["users:read"] }),
  claims("neither sub nor client_id", { sub: undefined }),
  claims("an empty sub", { sub: "", client_id: "billing" }),
  claims("sub null beside client_id", { sub: null, client_id: "billing" }),
  claims("sub as a number", { sub: 1 }),
  claims("an empty client_id", { sub: undefined, client_id: "" }),
  claims("client_id as an object", { sub: undefined, client_id: {} }),
];

const typ = (label: string, value: unknown): Attack => [label, () => createToken({ header: { typ: value } })];

const TYPES: Attack[] = [
  typ("of a logout token", "logout+jwt"),
  typ("of a DPoP proof", "dpop+jwt"),
  typ("of a security event", "secevent+jwt"),
  typ("with a space", "at+jwt "),
  typ("with a parameter", "at+jwt; charset=utf-8"),
  typ("with another top-level type", "text/at+jwt"),
  typ("with application/ twice", "application/application/at+jwt"),
  typ("that is empty", ""),
  typ("null", null),
  typ("in an array", ["at+jwt"]),
  typ("as a number", 1),
];

const ID_TOKENS: Attack[] = [
  ["with nonce", () => createToken({ header: { typ: "JWT" }, claims: { nonce: "n-0S6_WzA2Mj" } })],
  ["with at_hash", () => createToken({ header: { typ: "JWT" }, claims: { at_hash: "77QmUPtjPfzWtF2AnpK9RQ" } })],
  ["with c_hash", () => createToken({ header: { typ: undefined }, claims: { c_hash: "LDktKdoQak3Pk0cnXxCltA" } })],
  ["of Amazon Cognito", () => createToken({ header: { typ: undefined }, claims: { token_use: "id" } })],
  ["of Keycloak", () => createToken({ header: { typ: "JWT" }, claims: { typ: "ID", azp: "billing" } })],
];

test.for<Attack>([
  ["RS256", () => createToken()],
  ["ES256", () => EC_TOKEN],
  ["the second key", () => createToken({ header: { kid: "second" }, key: SECOND_RSA.privateKey })],
  ["a key for RS256 only", () => createToken({ header: { kid: "rs256" } })],
  ["trailing bits that are zero", () => signParts(HEADER_WITH_UNUSED_BITS, CLAIMS_WITH_UNUSED_BITS)],
  ["almost 8 KiB", () => createToken({ claims: { padding: "x".repeat(5_000) } })],
  ["jku, which is ignored", () => createToken({ header: { jku: `${trap.url}/jwks`, x5u: trap.url } })],
])("accepts the unchanged token: %s", async ([, create]) => {
  expect(await verifier.verify(create())).toMatchObject(ACCEPTED);
});

describe.for<[label: string, attacks: Attack[]]>([
  ["algorithm", ALGORITHMS],
  ["key", KEYS],
  ["form", FORMS],
  ["signature", SIGNATURES],
  ["time", TIMES],
  ["claim", CLAIM_VALUES],
  ["typ", [...TYPES, typ("JWT", "JWT"), typ("absent", undefined), typ("application/jwt", "application/jwt")]],
  ["ID token", ID_TOKENS],
])("rejects a token by its %s:", ([, attacks]) => {
  test.for(attacks)("%s", async ([, create]) => {
    expect(await verifier.verify(create())).toEqual(INVALID);
  });
});

describe.for<[label: string, attacks: Attack[]]>([
  ["typ", TYPES],
  ["ID token", ID_TOKENS],
])("rejects a token of any type by its %s:", ([, attacks]) => {
  test.for(attacks)("%s", async ([, create]) => {
    expect(await lenientVerifier.verify(create())).toEqual(INVALID);
  });
});

test("no text makes the verifier throw", async () => {
  const texts = ["\0", "\ud800.\ud800.\ud800", "a.b.c", "AAAA.AAAA.AAAA", "e30.e30.e30", "é.é.é", ".".repeat(8_000)];
  const privateKey = createPrivateKey(ED.privateKey.export({ format: "pem", type: "pkcs8" }));
  texts.push(
    createToken({ alg: "EdDSA", key: privateKey, header: { kid: "\ud800" } }),
    `${HEADER}.${HEADER}.${HEADER}`,
  );
  texts.push(createToken({ alg: "ES256", key: EC.privateKey, claims: { sub: "x".repeat(9_000) } }));
  for (const text of texts) expect(await verifier.verify(text)).toEqual(INVALID);
});

test("no URL in a token was requested", () => {
  expect(trap.requests).toEqual([]);
  expect(new Set(server.requests)).toEqual(new Set(["/jwks"]));
});
