import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface UnsignedRequest {
  readonly endpoint: URL;
  /** The value of `X-Amz-Target`. */
  readonly target: string;
  readonly body: string;
  readonly time: Date;
}

/** Returns the header fields of a signed request. `Content-Length` is missing. */
export type Sign = (request: UnsignedRequest, credentials: Credentials) => Record<string, string>;

const ALGORITHM = "AWS4-HMAC-SHA256";
const SERVICE = "dynamodb";
const CONTENT_TYPE = "application/x-amz-json-1.0";

/**
 * Creates a signer of requests to DynamoDB in a region (AWS: "Create a signed AWS API request"). The signing key depends
 * on the day, the region and the secret only, so it is derived once a day.
 */
export function createSigner(region: string): Sign {
  const formatTimestamp = createTimestampFormatter();
  let cached: { readonly day: string; readonly secret: string; readonly key: KeyObject } | undefined;

  function getSigningKey(day: string, secret: string): KeyObject {
    if (cached?.day !== day || cached.secret !== secret) {
      const key = [day, region, SERVICE, "aws4_request"].reduce<string | Buffer>(
        (parent, text) => createHmac("sha256", parent).update(text).digest(),
        `AWS4${secret}`,
      ) as Buffer;
      // Node.js converts any other key for every signature, which takes longer than the rest of it.
      cached = { day, secret, key: createSecretKey(key) };
    }
    return cached.key;
  }

  return ({ endpoint, target, body, time }, { accessKeyId, secretAccessKey, sessionToken }) => {
    const timestamp = formatTimestamp(time);
    const day = timestamp.slice(0, 8);
    const { host, pathname } = endpoint;
    const tokenHeader = sessionToken ? `x-amz-security-token:${sessionToken.trim().replace(/\s+/g, " ")}\n` : "";
    const signedHeaders = `content-type;host;x-amz-date;${sessionToken ? "x-amz-security-token;" : ""}x-amz-target`;
    const canonicalHeaders =
      `content-type:${CONTENT_TYPE}\nhost:${host}\nx-amz-date:${timestamp}\n` +
      `${tokenHeader}x-amz-target:${target}\n`;
    const canonicalRequest =
      `POST\n${encodePath(pathname)}\n\n${canonicalHeaders}\n${signedHeaders}\n` + hash("sha256", body, "hex");
    const scope = `${day}/${region}/${SERVICE}/aws4_request`;
    const stringToSign = `${ALGORITHM}\n${timestamp}\n${scope}\n${hash("sha256", canonicalRequest, "hex")}`;
    const signature = createHmac("sha256", getSigningKey(day, secretAccessKey)).update(stringToSign).digest("hex");
    return {
      "content-type": CONTENT_TYPE,
      host,
      "x-amz-date": timestamp,
      ...(sessionToken ? { "x-amz-security-token": sessionToken } : {}),
      "x-amz-target": target,
      authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    };
  };
}

/** Creates a function that returns a time in the basic format of ISO 8601. Times of the same second share a text. */
function createTimestampFormatter(): (time: Date) => string {
  let second = NaN;
  let timestamp = "";
  return (time) => {
    const timeSecond = Math.floor(time.getTime() / 1_000);
    if (timeSecond !== second) {
      second = timeSecond;
      timestamp = time.toISOString().replace(/[-:]|\.\d{3}/g, "");
    }
    return timestamp;
  };
}

/** Removes empty segments of a path and encodes it a second time, as all services but S3 require. */
function encodePath(path: string): string {
  return path === "/" ? path : path.replace(/\/+/g, "/").split("/").map(encodeSegment).join("/");
}

/** Encodes all characters but the unreserved ones of RFC 3986. */
function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, encodeCharacter);
}

function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
