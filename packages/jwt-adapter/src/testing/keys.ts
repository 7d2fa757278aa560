import {
  constants,
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  sign,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";

/** Keys of a test issuer, one pair for each kind. */
export const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
export const EC = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const ED = generateKeyPairSync("ed25519");

/** Returns the public key as JWK, with more or other members. */
export function toJwk({ publicKey }: { readonly publicKey: KeyObject }, members: object): JsonWebKey {
  return { ...publicKey.export({ format: "jwk" }), ...members };
}

/** A JWKS with the keys `rsa` (without an algorithm, so for RS256 and PS256), `ec` and `ed`. */
export const KEY_SET = {
  keys: [
    toJwk(RSA, { kid: "rsa", use: "sig" }),
    toJwk(EC, { kid: "ec", use: "sig", alg: "ES256" }),
    toJwk(ED, { kid: "ed", use: "sig", alg: "EdDSA" }),
  ],
};

/** Returns the signature of a text, also by algorithms that the verifier rejects. */
export function createSignature(text: string, alg: string, key: KeyObject): Buffer {
  const data = Buffer.from(text);
  const hash = `sha${alg.slice(2)}`;
  if (alg.startsWith("HS")) return createHmac(hash, key).update(data).digest();
  if (alg.startsWith("PS")) {
    return sign(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(alg.slice(2)) / 8 });
  }
  if (alg.startsWith("ES")) return sign(hash, data, { key, dsaEncoding: "ieee-p1363" });
  return sign(alg.startsWith("RS") ? hash : null, data, key);
}

export function createSecret(text: string): KeyObject {
  return createSecretKey(Buffer.from(text));
}
