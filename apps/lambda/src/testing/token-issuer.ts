import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** An issuer of access tokens on this machine. */
export interface TokenIssuer {
  readonly issuer: string;
  /** Issues an access token (RFC 9068) for the audience `users`, with these claims in addition. */
  readonly issueToken: (claims: Record<string, unknown>) => string;
  /** The paths of the requests so far. */
  readonly requests: string[];
  /** Responds with 503 from now on, or no longer. */
  readonly setAvailable: (isAvailable: boolean) => void;
}

/** Starts an issuer with metadata (RFC 8414) and one key for ES256. It is stopped when the test finishes. */
export async function startTokenIssuer({ isAvailable: isAvailableAtStart = true } = {}): Promise<TokenIssuer> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "key", alg: "ES256", use: "sig" }] };
  const requests: string[] = [];
  let isAvailable = isAvailableAtStart;
  const server = createServer(({ url = "" }, response) => {
    requests.push(url);
    const documents: Record<string, object> = {
      "/.well-known/oauth-authorization-server": { issuer, jwks_uri: `${issuer}/jwks` },
      "/jwks": jwks,
    };
    const document = isAvailable ? documents[url] : undefined;
    response
      .writeHead(document ? 200 : 503, { "content-type": "application/json" })
      .end(JSON.stringify(document ?? {}));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });

  return {
    issuer,
    issueToken(claims) {
      const now = Math.floor(Date.now() / 1_000);
      const payload = { iss: issuer, aud: "users", sub: "jane.doe", iat: now, exp: now + 600, ...claims };
      const parts = [{ alg: "ES256", typ: "at+jwt", kid: "key" }, payload].map(encodePart).join(".");
      const signature = sign("sha256", Buffer.from(parts), { key: privateKey, dsaEncoding: "ieee-p1363" });
      return `${parts}.${signature.toString("base64url")}`;
    },
    requests,
    setAvailable: (value) => void (isAvailable = value),
  };
}

function encodePart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
