import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { isUserError } from "@user-management/domain";
import { reset, sendJson, sendStatus, startIssuer, type Respond } from "./testing/issuer.ts";
import { EC, ED, KEY_SET, RSA, toJwk } from "./testing/keys.ts";
import { ACCEPTED, createTestVerifier, EXPIRED, INVALID } from "./testing/test-verifier.ts";
import { createTokens, NOW_S } from "./testing/tokens.ts";

const NEW_RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
const NEW_KEY_SET = { keys: [toJwk(NEW_RSA, { kid: "new" })] };

const TEN_MINUTES_S = 600;
const DAY_S = 86_400;

/** Starts an issuer and a verifier that knows the URL of its JWKS. */
async function start(respond: Respond = sendJson(KEY_SET)) {
  const { url, routes, requests } = await startIssuer(onTestFinished);
  routes["/jwks"] = respond;
  const { verifier, errors, advance } = createTestVerifier({ issuer: url, jwksUrl: `${url}/jwks` });
  const { createToken } = createTokens(url);
  let tokenCount = 0;
  /** Creates a token that is not cached, and valid for days. */
  const createNewToken = (parts: Parameters<typeof createToken>[0] = {}) =>
    createToken({ ...parts, claims: { exp: NOW_S + 9 * DAY_S, jti: (tokenCount += 1) } });
  return {
    verifier,
    errors,
    advance,
    requests,
    createNewToken,
    /** Resolves when the server has received the requests that have been sent, with one that is not counted. */
    waitForRequests: async () => {
      await fetch(`${url}/last`);
      requests.splice(requests.indexOf("/last"), 1);
    },
    setResponse: (response: Respond) => (routes["/jwks"] = response),
    createUnknownToken: () => createNewToken({ key: NEW_RSA.privateKey, header: { kid: `unknown-${tokenCount}` } }),
    verifyNew: () => verifier.verify(createNewToken()),
    verifyRotated: () => verifier.verify(createNewToken({ key: NEW_RSA.privateKey, header: { kid: "new" } })),
  };
}

/** A response that the test sends later. `arrived` resolves with the first request. */
function createHeldResponse() {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<Respond>();
  const respond: Respond = (request, response) => {
    arrive();
    void released.then((respondNow) => respondNow(request, response));
  };
  return { arrived, release, respond };
}

const UNAVAILABLE = { code: "unavailable", message: "The keys of the token issuer are unavailable." };

test("nothing is fetched before the first use", async () => {
  const { requests, verifier, createNewToken } = await start();
  expect(await verifier.verify("a.b.c")).toEqual(INVALID);
  expect(await verifier.verify(createNewToken({ header: { typ: "JWT" } }))).toEqual(INVALID);
  expect(requests).toEqual([]);
});

test("load fetches the keys once", async () => {
  const { requests, verifier, verifyNew } = await start();
  await Promise.all([verifier.load(), verifier.load()]);
  await verifier.load();
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  expect(requests).toEqual(["/jwks"]);
});

test("concurrent first verifications share one fetch", async () => {
  const { requests, verifyNew } = await start();
  const results = await Promise.all(Array.from({ length: 50 }, verifyNew));
  for (const result of results) expect(result).toMatchObject(ACCEPTED);
  expect(requests).toEqual(["/jwks"]);
});

test("throws unavailable until the issuer is available, and fetches at most once a second", async () => {
  const { requests, verifier, verifyNew, setResponse, advance, errors } = await start(sendStatus(500));
  await expect(verifier.load()).rejects.toMatchObject(UNAVAILABLE);
  for (let count = 0; count < 5; count += 1) {
    const error: unknown = await verifyNew().catch((cause: unknown) => cause);
    expect(error).toMatchObject(UNAVAILABLE);
    expect(isUserError(error)).toBe(true);
    expect((error as Error).cause).toMatchObject({ message: expect.stringContaining("status code 500") });
  }
  expect(requests).toHaveLength(1);

  advance(0.999);
  setResponse(sendJson(KEY_SET));
  await expect(verifyNew()).rejects.toMatchObject(UNAVAILABLE);
  advance(0.001);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  expect(requests).toHaveLength(2);
  expect(errors).toEqual([]);
});

test("a failing first fetch is shared by the requests that wait for it", async () => {
  const held = createHeldResponse();
  const { requests, verifyNew } = await start(held.respond);
  const results = Promise.allSettled([verifyNew(), verifyNew(), verifyNew()]);
  await held.arrived;
  held.release(reset);
  for (const result of await results) expect(result).toMatchObject({ reason: UNAVAILABLE });
  expect(requests).toHaveLength(1);
});

test("an invalid token is rejected while the issuer is unavailable", async () => {
  const { verifier, createNewToken } = await start(sendStatus(503));
  expect(await verifier.verify(createNewToken({ header: { alg: "none" } }))).toEqual(INVALID);
  await expect(verifier.verify(createNewToken())).rejects.toMatchObject(UNAVAILABLE);
});

test("the last keys are used for a day while the issuer is unavailable", async () => {
  const { verifyNew, setResponse, advance, errors, requests } = await start();
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  setResponse(sendStatus(503));
  advance(DAY_S - 1);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  await expect.poll(() => errors).toHaveLength(1);
  advance(1);
  await expect(verifyNew()).rejects.toMatchObject(UNAVAILABLE);
  expect(requests).toHaveLength(3);
  setResponse(sendJson(KEY_SET));
  advance(1);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  expect(errors).toHaveLength(1);
});

test("keys older than ten minutes are fetched again beside the requests", async () => {
  const { verifyNew, verifyRotated, setResponse, advance, requests } = await start();
  await verifyNew();
  const held = createHeldResponse();
  setResponse(held.respond);
  advance(TEN_MINUTES_S - 1);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  expect(requests).toHaveLength(1);
  advance(1);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  await held.arrived;
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  held.release(sendJson(NEW_KEY_SET));
  expect(await verifyRotated()).toMatchObject(ACCEPTED);
  expect(await verifyNew()).toEqual(INVALID);
  expect(requests).toHaveLength(2);
});

test("a failed refresh is repeated after 30 seconds", async () => {
  const { verifyNew, setResponse, advance, requests, errors, waitForRequests } = await start();
  await verifyNew();
  setResponse(sendStatus(500));
  advance(TEN_MINUTES_S);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  await expect.poll(() => errors).toHaveLength(1);
  advance(29.9);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  await waitForRequests();
  expect(requests).toHaveLength(2);
  advance(0.1);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  await expect.poll(() => errors).toHaveLength(2);
  expect(requests).toHaveLength(3);
});

test("a rotated key is fetched for a token with its kid", async () => {
  const { verifyNew, verifyRotated, setResponse, advance, requests } = await start();
  await verifyNew();
  setResponse(sendJson({ keys: [...KEY_SET.keys, ...NEW_KEY_SET.keys] }));
  advance(29.9);
  expect(await verifyRotated()).toEqual(INVALID);
  advance(0.1);
  const results = await Promise.all(Array.from({ length: 20 }, verifyRotated));
  for (const result of results) expect(result).toMatchObject(ACCEPTED);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  expect(requests).toHaveLength(2);
});

test("a rotated key is fetched for a token without kid", async () => {
  const { verifier, createNewToken, setResponse, advance } = await start();
  await verifier.load();
  setResponse(sendJson(NEW_KEY_SET));
  advance(30);
  const token = createNewToken({ key: NEW_RSA.privateKey, header: { kid: undefined } });
  expect(await verifier.verify(token)).toMatchObject(ACCEPTED);
});

test("a token that is verified during a refresh is verified with the newer keys", async () => {
  const oldKeys = Array.from({ length: 20 }, () => toJwk(EC, { kid: "ec" }));
  const newPair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { verifier, createNewToken, setResponse, advance, requests } = await start(sendJson({ keys: oldKeys }));
  await verifier.load();
  setResponse(sendJson({ keys: [toJwk(newPair, { kid: "new" })] }));
  advance(30);
  // The first one is verified with every key of the old set, while the second one causes the refresh.
  const tokens = [undefined, "new"].map((kid) =>
    createNewToken({ alg: "ES256", key: newPair.privateKey, header: { kid } }),
  );
  for (const result of await Promise.all(tokens.map((token) => verifier.verify(token)))) {
    expect(result).toMatchObject(ACCEPTED);
  }
  expect(requests).toHaveLength(2);
});

test("a removed key is not used after the refresh", async () => {
  const { verifyNew, verifyRotated, setResponse, advance } = await start();
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  setResponse(sendJson(NEW_KEY_SET));
  advance(30);
  expect(await verifyRotated()).toMatchObject(ACCEPTED);
  expect(await verifyNew()).toEqual(INVALID);
});

test("an invalid signature of a known key fetches nothing", async () => {
  const { verifier, createNewToken, advance, requests } = await start();
  await verifier.load();
  advance(60);
  expect(await verifier.verify(createNewToken({ key: NEW_RSA.privateKey }))).toEqual(INVALID);
  expect(requests).toHaveLength(1);
});

test("1,000 tokens with unknown kid cause one fetch in 30 seconds", async () => {
  const { verifier, createUnknownToken, verifyNew, advance, requests } = await start();
  await verifier.load();
  const tokens = Array.from({ length: 1_000 }, createUnknownToken);
  const verifyAll = async () => {
    const results = await Promise.all(tokens.map((token) => verifier.verify(token)));
    for (const result of results) expect(result).toEqual(INVALID);
  };
  await verifyAll();
  expect(requests).toHaveLength(1);
  advance(30);
  await verifyAll();
  expect(requests).toHaveLength(2);
  for (const token of tokens) expect(await verifier.verify(token)).toEqual(INVALID);
  advance(29.9);
  await verifyAll();
  expect(requests).toHaveLength(2);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
});

test("an unknown kid is invalid if the refresh fails, and the last keys stay in use", async () => {
  const { verifier, createUnknownToken, verifyNew, setResponse, advance, errors, requests } = await start();
  await verifier.load();
  setResponse(reset);
  advance(30);
  const results = await Promise.all(
    [createUnknownToken(), createUnknownToken()].map((token) => verifier.verify(token)),
  );
  expect(results).toEqual([INVALID, INVALID]);
  expect(errors).toHaveLength(1);
  expect(requests).toHaveLength(2);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
});

test("several keys with one kid are all tried", async () => {
  const { verifyNew, verifier, createNewToken } = await start(
    sendJson({ keys: [toJwk(NEW_RSA, { kid: "rsa" }), toJwk(EC, { kid: "rsa" }), toJwk(RSA, { kid: "rsa" })] }),
  );
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  expect(await verifier.verify(createNewToken({ key: NEW_RSA.privateKey }))).toMatchObject(ACCEPTED);
  expect(await verifier.verify(createNewToken({ alg: "ES256", header: { kid: "rsa" } }))).toMatchObject(ACCEPTED);
});

test("at most 20 keys are tried for a token", async () => {
  const others = Array.from({ length: 20 }, () => toJwk(NEW_RSA, { kid: "rsa" }));
  const { verifyNew, setResponse, advance, verifier, errors } = await start(
    sendJson({ keys: [...others.slice(1), toJwk(RSA, { kid: "rsa" })] }),
  );
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  setResponse(sendJson({ keys: [...others, toJwk(RSA, { kid: "rsa" })] }));
  advance(TEN_MINUTES_S);
  await verifier.load();
  await expect.poll(verifyNew).toEqual(INVALID);
  expect(errors).toEqual([]);
});

test("unusable keys do not affect the others", async () => {
  const { verifyNew } = await start(
    sendJson({
      keys: [
        null,
        "rsa",
        [],
        {},
        { kty: "RSA", kid: "rsa" },
        { kty: "RSA", kid: "rsa", n: "", e: "AQAB" },
        { kty: "RSA", kid: "rsa", n: 1, e: {} },
        { kty: "EC", crv: "P-256", kid: "rsa", x: "AAAA", y: "AAAA" },
        { kty: "EC", crv: "P-256", kid: "ec", x: "A".repeat(43), y: "A".repeat(43) },
        { kty: "OKP", crv: "Ed25519", kid: "ed", x: "AA" },
        toJwk(RSA, { kid: "rsa", key_ops: "verify" }),
        { kty: "unknown", kid: "rsa" },
        toJwk(RSA, { kid: "rsa", use: "sig", key_ops: ["verify"], x5c: ["AA=="], x5t: "x", alg: "RS256" }),
      ],
    }),
  );
  expect(await verifyNew()).toMatchObject(ACCEPTED);
});

test.for<[label: string, body: unknown]>([
  ["no key", { keys: [] }],
  ["only a symmetric key", { keys: [{ kty: "oct", kid: "rsa", k: "AAAA" }] }],
  ["only a key for encryption", { keys: [toJwk(RSA, { kid: "rsa", use: "enc" })] }],
  ["only a key whose kid is no string", { keys: [toJwk(RSA, { kid: 1 })] }],
  ["only a private key", { keys: [{ ...ED.privateKey.export({ format: "jwk" }), kid: "ed" }] }],
  ["no array of keys", { keys: toJwk(RSA, { kid: "rsa" }) }],
  ["no keys", {}],
  ["an array", [KEY_SET.keys]],
  ["null", null],
  ["a string", "keys"],
])("a JWKS with %s is a failed fetch", async ([, body]) => {
  const { verifyNew, setResponse, advance, errors } = await start(sendJson(body));
  const message = expect.stringMatching(/^The JWKS has no (?:usable key|array of keys)\.$/);
  await expect(verifyNew()).rejects.toMatchObject({ ...UNAVAILABLE, cause: { message } });
  advance(1);
  setResponse(sendJson(KEY_SET));
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  setResponse(sendJson(body));
  advance(TEN_MINUTES_S);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
  await expect.poll(() => errors).toHaveLength(1);
  expect(await verifyNew()).toMatchObject(ACCEPTED);
});

test("a cached token is accepted until its end while the issuer is unavailable", async () => {
  const { verifier, createNewToken, setResponse, advance } = await start();
  const token = createNewToken();
  expect(await verifier.verify(token)).toMatchObject(ACCEPTED);
  setResponse(reset);
  advance(59);
  expect(await verifier.verify(token)).toMatchObject(ACCEPTED);
  advance(9 * DAY_S + 60);
  await expect(verifier.verify(token)).rejects.toMatchObject(UNAVAILABLE);
  setResponse(sendJson(KEY_SET));
  advance(1);
  expect(await verifier.verify(token)).toEqual(EXPIRED);
});

test("a closed port is unavailable", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const issuer = `http://127.0.0.1:${port}`;
  const { verifier } = createTestVerifier({ issuer, jwksUrl: `${issuer}/jwks` });
  await expect(verifier.load()).rejects.toMatchObject(UNAVAILABLE);
});
