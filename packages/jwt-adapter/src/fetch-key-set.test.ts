import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { reset, sendJson, sendStatus, startIssuer, type Respond, type TestIssuer } from "./testing/issuer.ts";
import { KEY_SET } from "./testing/keys.ts";
import { ACCEPTED, createTestVerifier } from "./testing/test-verifier.ts";
import { createTokens } from "./testing/tokens.ts";

const UNAVAILABLE = { code: "unavailable" };

/** Starts a server with a JWKS, of which an issuer with this path publishes no metadata yet. */
async function start(path = "") {
  const server = await startIssuer(onTestFinished);
  server.routes["/keys"] = sendJson(KEY_SET);
  const issuer = server.url + path;
  return { ...server, issuer, metadata: { issuer, jwks_uri: `${server.url}/keys` } };
}

const load = (issuer: string, jwksUrl?: string) => createTestVerifier({ issuer, jwksUrl }).verifier.load();

describe("discovery", () => {
  test.for([
    ["", "/.well-known/oauth-authorization-server"],
    ["/", "/.well-known/oauth-authorization-server"],
    ["/realms/users", "/.well-known/oauth-authorization-server/realms/users"],
    ["/realms/users/", "/.well-known/oauth-authorization-server/realms/users"],
  ] as const)("requests the metadata of RFC 8414 for the issuer path '%s'", async ([path, metadataPath]) => {
    const { issuer, metadata, routes, requests } = await start(path);
    routes[metadataPath] = sendJson(metadata);
    const { verifier } = createTestVerifier({ issuer });
    expect(await verifier.verify(createTokens(issuer).createToken())).toMatchObject(ACCEPTED);
    expect(requests).toEqual([metadataPath, "/keys"]);
  });

  test.for([
    ["", "/.well-known/openid-configuration"],
    ["/", "/.well-known/openid-configuration"],
    ["/realms/users", "/realms/users/.well-known/openid-configuration"],
    ["/realms/users/", "/realms/users/.well-known/openid-configuration"],
  ] as const)("requests that of OpenID next for the issuer path '%s'", async ([path, metadataPath]) => {
    const { issuer, metadata, routes, requests } = await start(path);
    routes[metadataPath] = sendJson(metadata);
    const { verifier } = createTestVerifier({ issuer });
    expect(await verifier.verify(createTokens(issuer).createToken())).toMatchObject(ACCEPTED);
    expect(requests).toEqual([expect.stringContaining("oauth-authorization-server"), metadataPath, "/keys"]);
  });

  const OAUTH_PATH = "/.well-known/oauth-authorization-server";
  const OPENID_PATH = "/.well-known/openid-configuration";

  test.for<[label: string, createMetadata: (metadata: { issuer: string; jwks_uri: string }) => unknown]>([
    ["of another issuer", (metadata) => ({ ...metadata, issuer: `${metadata.issuer}/other` })],
    ["of the issuer with a slash", (metadata) => ({ ...metadata, issuer: `${metadata.issuer}/` })],
    ["without an issuer", ({ jwks_uri: uri }) => ({ jwks_uri: uri })],
    ["without jwks_uri", ({ issuer }) => ({ issuer })],
    ["with a jwks_uri that is no string", (metadata) => ({ ...metadata, jwks_uri: [metadata.jwks_uri] })],
    ["that is null", () => null],
  ])("ignores metadata %s", async ([, createMetadata]) => {
    const { issuer, metadata, routes, requests } = await start();
    routes[OAUTH_PATH] = sendJson(createMetadata(metadata));
    routes[OPENID_PATH] = sendJson(createMetadata(metadata));
    const error: unknown = await load(issuer).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ ...UNAVAILABLE, cause: { errors: [expect.any(Error), expect.any(Error)] } });
    expect(requests).toEqual([OAUTH_PATH, OPENID_PATH]);

    routes[OPENID_PATH] = sendJson(metadata);
    await load(issuer);
    expect(requests).toEqual([OAUTH_PATH, OPENID_PATH, OAUTH_PATH, OPENID_PATH, "/keys"]);
  });

  test.for([
    "http://192.0.2.1/keys",
    "http://127.0.0.1.example.com/keys",
    "http://localhost.example.com/keys",
    "file:///etc/passwd",
    "data:application/json,{}",
    "/keys",
    "",
  ])("requests no jwks_uri %s, which is not https", async (uri) => {
    const { issuer, metadata, routes } = await start();
    routes[OAUTH_PATH] = sendJson({ ...metadata, jwks_uri: uri });
    const urls: string[] = [];
    const { verifier } = createTestVerifier({
      issuer,
      fetch: (url, init) => {
        urls.push(url);
        return fetch(url, init);
      },
    });
    await expect(verifier.load()).rejects.toMatchObject(UNAVAILABLE);
    expect(urls).toEqual([issuer + OAUTH_PATH]);
  });

  test("an https URL is requested with the given fetch", async () => {
    const urls: string[] = [];
    const issuer = "https://issuer.example.com/tenant";
    const { verifier } = createTestVerifier({
      issuer,
      fetch: async (url) => {
        urls.push(url);
        return Response.json(url.endsWith("/keys") ? KEY_SET : { issuer, jwks_uri: "https://keys.example.com/keys" });
      },
    });
    expect(await verifier.verify(createTokens(issuer).createToken())).toMatchObject(ACCEPTED);
    expect(urls).toEqual([
      "https://issuer.example.com/.well-known/oauth-authorization-server/tenant",
      "https://keys.example.com/keys",
    ]);
  });

  test.for(["http://issuer.example.com", "http://192.0.2.1"])("requests nothing of the issuer %s", async (issuer) => {
    const urls: string[] = [];
    const { verifier } = createTestVerifier({
      issuer,
      fetch: async (url) => {
        urls.push(url);
        return Response.json({ issuer, jwks_uri: `${issuer}/keys`, ...KEY_SET });
      },
    });
    await expect(verifier.load()).rejects.toMatchObject(UNAVAILABLE);
    expect(urls).toEqual([]);
  });
});

const MIB = 1024 * 1024;

/** A JWKS of that many bytes. */
function createLargeSet(size: number): string {
  const text = JSON.stringify(KEY_SET);
  return text + " ".repeat(size - text.length);
}

/** Sends a body of 10 MB in chunks, for as long as the client reads. `isClosed` resolves when the client stops. */
function createLargeResponse(status: number) {
  const { promise: isClosed, resolve: close } = Promise.withResolvers<void>();
  const sent = { bytes: 0, isClosed };
  const respond: Respond = (_request, response) => {
    response.writeHead(status).once("close", close);
    const chunk = Buffer.alloc(16 * 1024, " ");
    const writeUntilFull = () => {
      let isFull = false;
      for (; !isFull && sent.bytes < 10 * MIB; sent.bytes += chunk.length) isFull = !response.write(chunk);
      if (isFull) response.once("drain", writeUntilFull);
      else response.end(JSON.stringify(KEY_SET));
    };
    writeUntilFull();
  };
  return { sent, respond };
}

describe("response", () => {
  test("accepts a JWKS of 256 KiB, and no larger one", async () => {
    const { routes, issuer, url } = await start();
    routes["/large"] = (_request, response) => response.end(createLargeSet(256 * 1024));
    await load(issuer, `${url}/large`);
    routes["/large"] = (_request, response) => response.end(createLargeSet(256 * 1024 + 1));
    await expect(load(issuer, `${url}/large`)).rejects.toMatchObject(UNAVAILABLE);
  });

  test.for([200, 500])("stops reading a body of 10 MB with status %i", async (status) => {
    const { routes, issuer, url } = await start();
    const { sent, respond } = createLargeResponse(status);
    routes["/large"] = respond;
    const responses: Response[] = [];
    const { verifier } = createTestVerifier({
      issuer,
      jwksUrl: `${url}/large`,
      // Neither the timeout nor the garbage collector ends the response.
      fetch: async (target, init) => {
        const response = await fetch(target, { ...init, signal: null });
        responses.push(response);
        return response;
      },
    });
    await expect(verifier.load()).rejects.toMatchObject(UNAVAILABLE);
    await sent.isClosed;
    expect(sent.bytes).toBeLessThan(10 * MIB);
    expect(responses).toHaveLength(1);
  });

  test("limits the size after decompression", async () => {
    const { routes, issuer, url } = await start();
    const body = gzipSync(createLargeSet(10 * MIB));
    routes["/large"] = (_request, response) => response.setHeader("content-encoding", "gzip").end(body);
    expect(body.length).toBeLessThan(64 * 1024);
    await expect(load(issuer, `${url}/large`)).rejects.toMatchObject(UNAVAILABLE);
  });

  test.for([301, 302, 303, 307, 308])("follows no redirect with status %i", async (status) => {
    const { routes, issuer, url, requests } = await start();
    routes["/moved"] = sendStatus(status, { location: `${url}/keys` });
    await expect(load(issuer, `${url}/moved`)).rejects.toMatchObject(UNAVAILABLE);
    expect(requests).toEqual(["/moved"]);
  });

  test.for<[label: string, respond: Respond]>([
    [
      "HTML",
      (_request, response) => response.setHeader("content-type", "text/html").end("<!doctype html><p>Login</p>"),
    ],
    ["no body", (_request, response) => response.end()],
    ["a part of a JWKS", (_request, response) => response.end(JSON.stringify(KEY_SET).slice(0, -1))],
    [
      "malformed UTF-8",
      (_request, response) => response.end(Buffer.from(JSON.stringify({ ...KEY_SET, name: "\xff" }), "latin1")),
    ],
    ["the status 500", sendStatus(500)],
    ["the status 404", sendStatus(404)],
    ["the status 204", (_request, response) => response.writeHead(204).end()],
    ["the status 203 and a JWKS", (_request, response) => response.writeHead(203).end(JSON.stringify(KEY_SET))],
    ["a reset", reset],
    ["a reset in the body", (request, response) => response.write('{"keys":[', () => request.socket.destroy())],
  ])("throws unavailable for %s", async ([, respond]) => {
    const { routes, issuer, url } = await start();
    routes["/other"] = respond;
    await expect(load(issuer, `${url}/other`)).rejects.toMatchObject(UNAVAILABLE);
  });
});

/** Sends a byte now and then, so that no timeout of an idle connection ends it. */
const drip: Respond = (_request, response) => {
  const timer = setInterval(() => response.write(" "), 100);
  response.once("close", () => clearInterval(timer));
};

const hang: Respond = () => undefined;

describe.concurrent("timeout", () => {
  test.for<[label: string, prepare: (server: TestIssuer) => string | undefined]>([
    ["a JWKS that does not arrive", ({ routes, url }) => ((routes["/slow"] = hang), `${url}/slow`)],
    ["a JWKS that never ends", ({ routes, url }) => ((routes["/slow"] = drip), `${url}/slow`)],
    [
      "slow metadata of both kinds",
      ({ routes }) => {
        routes["/.well-known/oauth-authorization-server"] = hang;
        routes["/.well-known/openid-configuration"] = drip;
        return undefined;
      },
    ],
  ])("throws unavailable within 4.5 seconds for %s", async ([, prepare], { onTestFinished: onEnd }) => {
    const server = await startIssuer(onEnd);
    const jwksUrl = prepare(server);
    const startedAtMs = performance.now();
    await expect(load(server.url, jwksUrl)).rejects.toMatchObject(UNAVAILABLE);
    expect(performance.now() - startedAtMs).toBeLessThan(4_500);
  });
});
