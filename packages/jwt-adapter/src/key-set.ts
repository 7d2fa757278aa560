import type { CryptoKey } from "jose";
import { JWSSignatureVerificationFailed } from "jose/errors";
import { compactVerify } from "jose/jws/compact/verify";
import { importJWK } from "jose/key/import";

/** The accepted algorithms. All are asymmetric: a published key can only verify (RFC 8725 section 3.2). */
export const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"] as const;

export type Algorithm = (typeof ALGORITHMS)[number];

/** A public key of the issuer for one algorithm. */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly alg: Algorithm;
  readonly key: CryptoKey;
}

export type KeySet = readonly VerificationKey[];

/** The type of key that each algorithm uses (RFC 7518 section 3.1, RFC 8037 section 3.1). The import validates the curve. */
const KEY_TYPES: Readonly<Record<Algorithm, string>> = { RS256: "RSA", PS256: "RSA", ES256: "EC", EdDSA: "OKP" };

/** The minimum length of an RSA key (RFC 7518 section 3.3). */
const MIN_RSA_BITS = 2048;

/** The maximum number of keys with which the signature of one token is verified. */
const MAX_KEYS_PER_TOKEN = 20;

/** The members of a JWK (RFC 7517 section 4) that are read. Their types are unknown until they are validated. */
type Jwk = { readonly [Name in "kty" | "use" | "key_ops" | "alg" | "kid" | "d"]?: unknown };

/**
 * Imports the usable keys of a JWKS (RFC 7517 section 5). Other keys are ignored, as the section recommends: symmetric and
 * private keys, keys for encryption or for other algorithms, short, malformed and unknown ones.
 *
 * @throws Error if the value is not a JWKS, or has no usable key
 */
export async function importKeySet(document: object): Promise<KeySet> {
  const keys: unknown = "keys" in document ? document.keys : undefined;
  if (!Array.isArray(keys)) throw new Error("The JWKS has no array of keys.");
  const imports = keys.flatMap((jwk: unknown) => listAlgorithms(jwk).map((alg) => importKey(jwk as Jwk, alg)));
  const keySet = (await Promise.all(imports)).filter((key) => key !== undefined);
  if (keySet.length === 0) throw new Error("The JWKS has no usable key.");
  return keySet;
}

function listAlgorithms(jwk: unknown): Algorithm[] {
  if (typeof jwk !== "object" || jwk === null) return [];
  const { kty, use, key_ops: operations, alg, kid, d: privateKey }: Jwk = jwk;
  const isForSignatures = use === undefined || use === "sig";
  const isForVerification = operations === undefined || (Array.isArray(operations) && operations.includes("verify"));
  const hasValidId = kid === undefined || typeof kid === "string";
  if (!isForSignatures || !isForVerification || !hasValidId || privateKey !== undefined) return [];
  return ALGORITHMS.filter((name) => kty === KEY_TYPES[name] && (alg === undefined || alg === name));
}

/** Returns `undefined` if the key is malformed, too short, or on another curve. */
async function importKey(jwk: Jwk, alg: Algorithm): Promise<VerificationKey | undefined> {
  try {
    const key = (await importJWK(jwk as Parameters<typeof importJWK>[0], alg)) as CryptoKey;
    const { modulusLength = Infinity } = key.algorithm as Partial<RsaKeyAlgorithm>;
    return modulusLength < MIN_RSA_BITS ? undefined : { kid: jwk.kid as string | undefined, alg, key };
  } catch {
    return undefined;
  }
}

/** Returns the keys that may have signed a token: those with its `kid`, or all if it has none. */
export function selectKeys(keySet: KeySet, header: Pick<VerificationKey, "kid" | "alg">): KeySet {
  const matches = keySet.filter(({ kid, alg }) => alg === header.alg && (header.kid ?? kid) === kid);
  return matches.slice(0, MAX_KEYS_PER_TOKEN);
}

/** Reports whether one of the keys has signed a token. */
export async function isSignedByAny(keys: KeySet, token: string): Promise<boolean> {
  for (const { alg, key } of keys) {
    try {
      await compactVerify(token, key, { algorithms: [alg] });
      return true;
    } catch (error) {
      if (!(error instanceof JWSSignatureVerificationFailed)) throw error;
    }
  }
  return false;
}
