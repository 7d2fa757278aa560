import { importKeySet, type KeySet } from "./key-set.ts";

/** The maximum time for one response, in milliseconds. */
const RESPONSE_TIMEOUT_MS = 3_000;

/** The maximum time for all responses together, in milliseconds: less than the 4.8 s of a request that waits for them. */
const TOTAL_TIMEOUT_MS = 4_000;

/** The maximum size of a response, after its content encoding is removed. */
const MAX_RESPONSE_BYTES = 256 * 1024;

/** Hosts that are this machine, as `URL` serializes them. */
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

export interface KeySetSource {
  readonly issuer: string;
  readonly jwksUrl?: string | undefined;
  readonly fetch?: FetchFunction | undefined;
}

type FetchObject = (url: string) => Promise<object>;

/** Fetches and imports the keys of an issuer. The error of any failure is for logs only. */
export async function fetchKeySet({ issuer, jwksUrl, fetch = globalThis.fetch }: KeySetSource): Promise<KeySet> {
  const deadlineMs = performance.now() + TOTAL_TIMEOUT_MS;
  const fetchObject: FetchObject = async (url) => {
    if (!isProtected(url)) throw new Error(`The URL ${url} is not https.`);
    const remainingMs = Math.max(0, Math.round(deadlineMs - performance.now()));
    const signal = AbortSignal.timeout(Math.min(RESPONSE_TIMEOUT_MS, remainingMs));
    const headers = { accept: "application/json" };
    // A redirect is a failure, because its target is not configured.
    const response = await fetch(url, { headers, redirect: "manual", signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`The response of ${url} has the status code ${response.status}.`);
    }
    // A value that is no object becomes one without members.
    return Object(JSON.parse(await readText(response)));
  };
  return importKeySet(await fetchObject(jwksUrl ?? (await discoverJwksUrl(issuer, fetchObject))));
}

/** Returns the `jwks_uri` of the first metadata document that is valid. */
async function discoverJwksUrl(issuer: string, fetchObject: FetchObject): Promise<string> {
  const errors: unknown[] = [];
  for (const url of listMetadataUrls(issuer)) {
    try {
      const metadata = (await fetchObject(url)) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
      // RFC 8414 section 3.3: otherwise the document is that of another issuer, and must not be used.
      if (metadata.issuer !== issuer) throw new Error(`The metadata at ${url} is that of another issuer.`);
      if (typeof metadata.jwks_uri !== "string") throw new Error(`The metadata at ${url} has no jwks_uri.`);
      return metadata.jwks_uri;
    } catch (error) {
      errors.push(error);
    }
  }
  throw new AggregateError(errors, "The issuer has no valid metadata.");
}

/** Returns the URLs of the metadata by RFC 8414 section 3.1 and by OpenID Connect Discovery section 4. */
function listMetadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

/** Reports whether no machine between this one and the host can replace the response. */
function isProtected(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || (protocol === "http:" && LOOPBACK_HOST.test(hostname));
}

/** Reads a body, up to the maximum size. */
async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = response.body!.getReader();
  let text = "";
  let byteCount = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    byteCount += chunk.value.length;
    if (byteCount > MAX_RESPONSE_BYTES) {
      await reader.cancel();
      throw new Error(`The response of ${response.url} has more than ${MAX_RESPONSE_BYTES} bytes.`);
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
  return text + decoder.decode();
}
