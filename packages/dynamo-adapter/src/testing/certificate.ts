import { generateKeyPairSync, sign } from "node:crypto";

/** A self-signed certificate for `localhost` with its private key, both as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The tags of ASN.1 types in DER. */
const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  dnsName: 0x82,
  version: 0xa0,
  extensions: 0xa3,
} as const;

/** Object identifiers in DER. */
const ECDSA_WITH_SHA256 = Buffer.from("06082a8648ce3d040302", "hex");
const COMMON_NAME = Buffer.from("0603550403", "hex");
const SUBJECT_ALT_NAME = Buffer.from("0603551d11", "hex");
const BASIC_CONSTRAINTS = Buffer.from("0603551d13", "hex");

const HOST = "localhost";

/** Creates a certificate that is valid from 2020 until 2049 (RFC 5280: "Basic Certificate Fields"). */
export function createCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = encode("sequence", ECDSA_WITH_SHA256);
  const name = encode(
    "sequence",
    encode("set", encode("sequence", COMMON_NAME, encode("utf8String", Buffer.from(HOST)))),
  );
  const certificate = encode(
    "sequence",
    encode("version", encode("integer", Buffer.from([2]))),
    encode("integer", Buffer.from([1])),
    algorithm,
    name,
    encode("sequence", encodeTime("200101000000Z"), encodeTime("491231235959Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    encode("extensions", encode("sequence", createSubjectAltName(), createBasicConstraints())),
  );
  const signature = encode("bitString", Buffer.from([0]), sign("sha256", certificate, privateKey));
  const der = encode("sequence", certificate, algorithm, signature);
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
  };
}

function createSubjectAltName(): Buffer {
  const names = encode("sequence", encode("dnsName", Buffer.from(HOST)));
  return encode("sequence", SUBJECT_ALT_NAME, encode("octetString", names));
}

/** The certificate may issue certificates, so that a client can trust it. */
function createBasicConstraints(): Buffer {
  const isAuthority = encode("boolean", Buffer.from([0xff]));
  return encode("sequence", BASIC_CONSTRAINTS, encode("octetString", encode("sequence", isAuthority)));
}

function encodeTime(time: string): Buffer {
  return encode("utcTime", Buffer.from(time));
}

function encode(type: keyof typeof TAGS, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([TAGS[type], ...header]), content]);
}
