import { ApiError } from "./api-error.ts";

/** `b64token` of RFC 6750 section 2.1. */
const CREDENTIAL = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * The hosts of this machine, as `URL` serializes them. Names below `localhost` are missing: Node.js may resolve them by
 * DNS, and thus to another machine.
 */
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export type AuthorizationHeader = { readonly authorization?: string };

/**
 * Returns the header that sends a bearer credential.
 *
 * @throws TypeError if the value cannot be one; the message does not contain the value
 */
export function toAuthorizationHeader(subject: string, value: unknown): AuthorizationHeader {
  if (typeof value === "string" && CREDENTIAL.test(value)) return { authorization: `Bearer ${value}` };
  throw new TypeError(`${subject} must be ASCII letters, digits and "-._~+/", optionally followed by "=".`);
}

/**
 * Requires an encrypted connection, or one that does not leave this machine.
 *
 * @throws TypeError if the URL has another scheme or host
 */
export function requireProtectedUrl(baseUrl: string): void {
  const { protocol, hostname } = new URL(baseUrl);
  if (protocol === "https:" || LOOPBACK_HOST.test(hostname)) return;
  throw new TypeError("baseUrl must be an https URL, because a credential is sent; http is for this machine only.");
}

/**
 * Sends a request with a new token. If the response has status code 401 and `token` then returns another value, sends
 * the request once more: a 401 means that nothing was applied (RFC 9110 section 15.5.2).
 *
 * @throws TypeError if the token cannot be a bearer credential
 */
export async function sendWithToken<Result>(
  token: () => Promise<string>,
  signal: AbortSignal,
  send: (headers: AuthorizationHeader) => Promise<Result>,
): Promise<Result> {
  const headers = await authorize();
  try {
    return await send(headers);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
    const newHeaders = await authorize();
    if (newHeaders.authorization === headers.authorization) throw error;
    return send(newHeaders);
  }

  async function authorize(): Promise<AuthorizationHeader> {
    signal.throwIfAborted();
    return toAuthorizationHeader("The result of token", await token());
  }
}
