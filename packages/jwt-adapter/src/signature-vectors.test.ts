import { constants, createHash, privateEncrypt, sign } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { sendJson, startIssuer } from "./testing/issuer.ts";
import { EC, ED, KEY_SET, RSA } from "./testing/keys.ts";
import { ACCEPTED, createTestVerifier, INVALID } from "./testing/test-verifier.ts";
import { createTokens, encode } from "./testing/tokens.ts";

/** Negative vectors of signatures, after the kinds of project Wycheproof. */

const server = await startIssuer(afterAll);
server.routes["/jwks"] = sendJson(KEY_SET);
const { createToken } = createTokens(server.url);
const { verifier } = createTestVerifier({ issuer: server.url, jwksUrl: `${server.url}/jwks` });

const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"] as const;

describe.for(ALGORITHMS)("%s", (alg) => {
  const token = createToken({ alg });
  const parts = token.split(".").map((part) => Buffer.from(part, "base64url"));
  const replace = (index: number, bytes: Uint8Array) =>
    parts.map((part, position) => encode(position === index ? bytes : part)).join(".");

  test.for([
    ["header", 0],
    ["claims", 1],
    ["signature", 2],
  ] as const)("rejects a token if any bit of its %s is inverted", async ([, index]) => {
    const part = parts[index]!;
    for (let bit = 0; bit < part.length * 8; bit += 1) {
      const changed = Buffer.from(part);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(await verifier.verify(replace(index, changed)), `bit ${bit}`).toEqual(INVALID);
    }
    expect(await verifier.verify(token)).toMatchObject(ACCEPTED);
  });

  const signature = parts[2]!;
  test.for<[label: string, bytes: Uint8Array]>([
    ["without its last byte", signature.subarray(0, -1)],
    ["without its first byte", signature.subarray(1)],
    ["with a zero byte before it", Buffer.concat([Buffer.alloc(1), signature])],
    ["with a zero byte after it", Buffer.concat([signature, Buffer.alloc(1)])],
    ["twice", Buffer.concat([signature, signature])],
    ["in reverse order", signature.toReversed()],
    ["of zeros", Buffer.alloc(signature.length)],
    ["of ones", Buffer.alloc(signature.length, 0xff)],
    ["with the value 1", Buffer.concat([Buffer.alloc(signature.length - 1), Buffer.from([1])])],
    ["of one byte", Buffer.from([0])],
  ])("rejects the signature %s", async ([, bytes]) => {
    expect(await verifier.verify(replace(2, bytes))).toEqual(INVALID);
  });

  test.for(ALGORITHMS.filter((other) => other !== alg))("rejects the signature of a token with %s", async (other) => {
    const otherSignature = Buffer.from(createToken({ alg: other }).split(".")[2]!, "base64url");
    expect(await verifier.verify(replace(2, otherSignature))).toEqual(INVALID);
  });
});

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function toBytes(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(length * 2, "0"), "hex");
}

/** Returns the signing input of a token, and the token with another signature. */
function prepare(alg: string) {
  const token = createToken({ alg });
  const input = token.slice(0, token.lastIndexOf("."));
  const signature = Buffer.from(token.slice(input.length + 1), "base64url");
  return { input: Buffer.from(input), signature, withSignature: (bytes: Uint8Array) => `${input}.${encode(bytes)}` };
}

describe("RSA", () => {
  const { input, signature, withSignature } = prepare("RS256");
  const pss = prepare("PS256");
  const modulus = toInteger(Buffer.from(RSA.publicKey.export({ format: "jwk" }).n!, "base64url"));
  const hash = (name: string) => createHash(name).update(input).digest();
  /** The encoding of a SHA-256 without the object identifier of the hash. */
  const bareDigest = privateEncrypt(RSA.privateKey, hash("sha256"));
  const signPss = (hashName: string, saltLength: number) =>
    sign(hashName, pss.input, { key: RSA.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });

  test.for<[label: string, token: string]>([
    ["PKCS #1 with SHA-1", withSignature(sign("sha1", input, RSA.privateKey))],
    ["PKCS #1 with SHA-384", withSignature(sign("sha384", input, RSA.privateKey))],
    ["PKCS #1 with SHA-512", withSignature(sign("sha512", input, RSA.privateKey))],
    ["PKCS #1 with a bare digest", withSignature(bareDigest)],
    ["the modulus added to the signature", withSignature(toBytes(modulus + toInteger(signature), 257))],
    ["the signature subtracted from the modulus", withSignature(toBytes(modulus - toInteger(signature), 256))],
    ["the modulus as signature", withSignature(toBytes(modulus, 256))],
    ["PSS with a salt of 20 bytes", pss.withSignature(signPss("sha256", 20))],
    ["PSS without salt", pss.withSignature(signPss("sha256", 0))],
    ["PSS with the longest salt", pss.withSignature(signPss("sha256", constants.RSA_PSS_SALTLEN_MAX_SIGN))],
    ["PSS with SHA-1", pss.withSignature(signPss("sha1", 32))],
    ["PSS with SHA-512", pss.withSignature(signPss("sha512", 32))],
  ])("rejects %s", async ([, token]) => {
    expect(await verifier.verify(token)).toEqual(INVALID);
  });

  test("accepts PSS with a salt of 32 bytes", async () => {
    expect(await verifier.verify(pss.withSignature(signPss("sha256", 32)))).toMatchObject(ACCEPTED);
  });
});

describe("ECDSA", () => {
  const { input, signature, withSignature } = prepare("ES256");
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const prime = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
  const [r, s] = [toInteger(signature.subarray(0, 32)), toInteger(signature.subarray(32))];
  const join = (...values: bigint[]) => withSignature(Buffer.concat(values.map((value) => toBytes(value, 32))));
  const sha512 = sign("sha512", input, { key: EC.privateKey, dsaEncoding: "ieee-p1363" });

  const boundaries = [0n, 1n, order - 1n, order, order + 1n, prime, prime + 1n, (1n << 256n) - 1n];
  const pairs = boundaries.flatMap((first) => boundaries.map((second) => [first, second] as const));

  test.for(pairs)("rejects r = %s and s = %s", async ([first, second]) => {
    expect(await verifier.verify(join(first, second))).toEqual(INVALID);
  });

  test.for<[label: string, token: string]>([
    ["r = 0", join(0n, s)],
    ["s = 0", join(r, 0n)],
    ["s equal to the order", join(r, order)],
    ["r and s exchanged", join(s, r)],
    ["r negated", join(order - r, s)],
    ["SHA-512", withSignature(sha512)],
    ["a signature in DER", withSignature(sign("sha256", input, EC.privateKey))],
    ["32 bytes instead of 64", withSignature(signature.subarray(0, 32))],
    [
      "96 bytes, as of P-384",
      withSignature(Buffer.concat([Buffer.alloc(16), toBytes(r, 32), Buffer.alloc(16), toBytes(s, 32)])),
    ],
  ])("rejects %s", async ([, token]) => {
    expect(await verifier.verify(token)).toEqual(INVALID);
  });
});

describe("EdDSA", () => {
  const { signature, withSignature } = prepare("EdDSA");
  const groupOrder = (1n << 252n) + 27742317777372353535851937790883648493n;
  const point = signature.subarray(0, 32);
  const scalar = toInteger(signature.subarray(32).toReversed());
  const join = (first: Uint8Array, value: bigint) =>
    withSignature(Buffer.concat([first, toBytes(value, 32).toReversed()]));
  const publicPoint = Buffer.from(ED.publicKey.export({ format: "jwk" }).x!, "base64url");

  test.for<[label: string, token: string]>([
    ["a scalar beyond the order of the group", join(point, scalar + groupOrder)],
    ["the order of the group as scalar", join(point, groupOrder)],
    ["a negated scalar", join(point, groupOrder - scalar)],
    ["the scalar 0", join(point, 0n)],
    ["the neutral element with the scalar 0", join(toBytes(1n, 32).toReversed(), 0n)],
    ["a point that is not on the curve", join(Buffer.alloc(32, 0xff), scalar)],
    ["the public key as point", join(publicPoint, scalar)],
    ["point and scalar exchanged", withSignature(Buffer.concat([signature.subarray(32), point]))],
  ])("rejects %s", async ([, token]) => {
    expect(await verifier.verify(token)).toEqual(INVALID);
  });
});
