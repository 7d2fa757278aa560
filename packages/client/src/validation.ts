import { requireProtectedUrl, toAuthorizationHeader } from "./credential.ts";
import type { Fetch, UsersClientOptions } from "./users-client.ts";

const DEFAULT_RETRIES = 3;
const DEFAULT_TIMEOUT_MS = 10_000;
/** The longest delay of a timer, whose delay is a signed 32-bit integer. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

interface ParsedOptions {
  readonly baseUrl: string;
  /** The headers of every request; with `apiKey`, they include it. */
  readonly headers: Record<string, string>;
  readonly token: (() => Promise<string>) | undefined;
  readonly fetch: Fetch;
  readonly retries: number;
  readonly timeout: number;
}

/**
 * Returns the options with their defaults.
 *
 * @throws TypeError if one of them is invalid
 */
export function parseOptions(options: UsersClientOptions): ParsedOptions {
  const {
    token,
    fetch = (url, init) => globalThis.fetch(url, init), // Resolved at each request, as polyfills may replace it.
    retries = DEFAULT_RETRIES,
    timeout = DEFAULT_TIMEOUT_MS,
  } = options;
  if (!Number.isSafeInteger(retries) || retries < 0) {
    throw new TypeError("retries must be a whole number of at least 0.");
  }
  if (!(timeout > 0 && timeout <= MAX_TIMEOUT_MS)) {
    throw new TypeError(`timeout must be more than 0 and at most ${MAX_TIMEOUT_MS} milliseconds.`);
  }
  const baseUrl = parseBaseUrl(options.baseUrl);
  const headers = parseHeaders(options);
  if (token !== undefined || "authorization" in headers) requireProtectedUrl(baseUrl);
  return { baseUrl, headers, token, fetch, retries, timeout };
}

function parseHeaders({ headers = {}, apiKey, token }: UsersClientOptions): Record<string, string> {
  if (apiKey !== undefined && token !== undefined) throw new TypeError("apiKey and token exclude each other.");
  if (token !== undefined && typeof token !== "function") throw new TypeError("token must be a function.");
  for (const [name, value] of Object.entries(headers)) {
    // The message of `Headers` would contain the credential.
    if (/^authorization$/i.test(name)) requireHeaderValue("headers.Authorization", value);
  }
  const parsed = Object.fromEntries(new Headers(headers));
  const hasCredential = apiKey !== undefined || token !== undefined;
  if (hasCredential && "authorization" in parsed) {
    throw new TypeError("headers must not contain Authorization, because apiKey or token is set.");
  }
  return { ...parsed, ...(apiKey !== undefined && toAuthorizationHeader("apiKey", apiKey)) };
}

function parseBaseUrl(baseUrl: string | URL): string {
  const page = globalThis.location?.href;
  const url = URL.canParse(baseUrl, page) ? new URL(baseUrl, page) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new TypeError("baseUrl must be an http or https URL without credentials, query and fragment.");
  }
  return url.href.replace(/\/+$/, "");
}

/**
 * Returns the value if a URL can contain it. Other values would change the request: without its cursor, it would return
 * the first page.
 *
 * @throws TypeError if it cannot
 */
export function requireText(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "" && value.isWellFormed()) return value;
  throw new TypeError(`${name} must be a non-empty string of well-formed Unicode.`);
}

/** @throws TypeError if the id cannot be one segment of a path */
export function toPathParams(user_id: string): { user_id: string } {
  if (user_id === "." || user_id === "..") throw new TypeError(`user_id must not be "${user_id}".`);
  return { user_id: requireText("user_id", user_id) };
}

/** @throws TypeError if the value cannot be an idempotency key or entity tag of this API */
export function requireHeaderValue(name: string, value: unknown): string {
  if (typeof value === "string" && /^ *[!-~][ -~]*$/.test(value)) return value;
  throw new TypeError(`${name} must be a non-empty string of printable ASCII.`);
}

/**
 * Returns the header for `ifMatch`.
 *
 * @throws TypeError if `ifMatch` is invalid or `undefined`: with `undefined`, the write would be unconditional
 */
export function toPreconditionHeader(options: { readonly ifMatch?: string }): { "If-Match"?: string } {
  return "ifMatch" in options ? { "If-Match": requireHeaderValue("ifMatch", options.ifMatch) } : {};
}
