import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSigner, type Credentials, type Sign, type UnsignedRequest } from "./signature.ts";

/** SHA-256, or its HMAC with a secret, as `@smithy/signature-v4` requires it. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: Parameters<typeof createHmac>[1]) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }

  reset(): void {}
}

/** Signs a request as the AWS SDK does, and returns all header fields. */
async function signWithSdk(
  region: string,
  { endpoint, target, body, time }: UnsignedRequest,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const signer = new SignatureV4({
    credentials: { ...credentials, sessionToken: credentials.sessionToken! },
    region,
    service: "dynamodb",
    sha256: Sha256 as any,
    applyChecksum: false,
  });
  const { headers } = await signer.sign(
    {
      method: "POST",
      protocol: endpoint.protocol,
      hostname: endpoint.hostname,
      path: endpoint.pathname,
      query: {},
      headers: { "content-type": "application/x-amz-json-1.0", host: endpoint.host, "x-amz-target": target },
      body,
    },
    { signingDate: time },
  );
  return headers;
}

async function expectSameSignature(
  sign: Sign,
  region: string,
  request: UnsignedRequest,
  credentials: Credentials,
): Promise<void> {
  expect(sign(request, credentials)).toEqual(await signWithSdk(region, request, credentials));
}

const asciiText = (minLength: number) => fc.string({ unit: "grapheme-ascii", minLength, maxLength: 60 });
const arbitraryCredentials: fc.Arbitrary<Credentials> = fc.record(
  {
    accessKeyId: asciiText(1),
    secretAccessKey: fc.string({ unit: "binary", minLength: 1 }),
    sessionToken: asciiText(0),
  },
  { requiredKeys: ["accessKeyId", "secretAccessKey"] },
);
const arbitraryPath = fc
  .array(
    fc.oneof(
      fc.string({ unit: fc.constantFrom(...Array.from("aZ09-._~ !'()*+,;=:@&$ä😀")), maxLength: 8 }),
      fc.constantFrom("%20", "%2F", "%E4%BD%A0", "%", "a//b", "..", "."),
    ),
    { maxLength: 4 },
  )
  .map((segments) => `/${segments.join("/")}`);
const arbitraryEndpoint = fc
  .tuple(fc.constantFrom("http", "https"), fc.constantFrom("", ":80", ":443", ":8000"), arbitraryPath)
  .map(([scheme, port, path]) => new URL(`${scheme}://dynamodb.eu-central-1.amazonaws.com${port}${path}`));
const arbitraryRequest: fc.Arbitrary<UnsignedRequest> = fc.record({
  endpoint: arbitraryEndpoint,
  target: fc.constantFrom("DynamoDB_20120810.GetItem", "DynamoDB_20120810.TransactWriteItems"),
  body: fc.oneof(
    fc.constant(""),
    fc.json(),
    fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
  ),
  time: fc.date({ noInvalidDate: true, min: new Date("2000-01-01"), max: new Date("2099-12-31") }),
});
const arbitraryRegion = fc.constantFrom("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "local");

const REQUEST: UnsignedRequest = {
  endpoint: new URL("https://dynamodb.eu-central-1.amazonaws.com"),
  target: "DynamoDB_20120810.GetItem",
  body: '{"TableName":"Ünïcode"}',
  time: new Date("2026-02-03T23:59:59.999Z"),
};
const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };

describe("the header fields of a signed request equal those of the AWS SDK", () => {
  test("for any request, region and credentials", async () => {
    const property = fc.asyncProperty(
      arbitraryRegion,
      arbitraryRequest,
      arbitraryCredentials,
      async (region, request, credentials) => {
        await expectSameSignature(createSigner(region), region, request, credentials);
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });

  test("for any sequence of days and credentials with the same signer", async () => {
    const days = fc.constantFrom("2026-02-03", "2026-02-04", "2027-02-03").map((day) => new Date(day));
    const secrets = fc.constantFrom("secret", "another secret");
    const property = fc.asyncProperty(fc.array(fc.tuple(days, secrets), { minLength: 2 }), async (calls) => {
      const sign = createSigner("us-east-1");
      for (const [time, secretAccessKey] of calls) {
        await expectSameSignature(sign, "us-east-1", { ...REQUEST, time }, { ...CREDENTIALS, secretAccessKey });
      }
    });
    await fc.assert(property, { numRuns: 50 });
  });

  test.for([
    ["the last millisecond of a day", new Date("2026-12-31T23:59:59.999Z")],
    ["the first millisecond of a day", new Date("2027-01-01T00:00:00.000Z")],
    ["a leap day", new Date("2028-02-29T12:00:00.000Z")],
  ] as const)("on %s", async ([, time]) => {
    await expectSameSignature(createSigner("local"), "local", { ...REQUEST, time }, CREDENTIALS);
  });

  test("for a session token with repeated and surrounding spaces", async () => {
    const credentials = { ...CREDENTIALS, sessionToken: "  a \t  b  " };
    await expectSameSignature(createSigner("local"), "local", REQUEST, credentials);
  });
});
