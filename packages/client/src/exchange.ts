import { ApiError, problemError } from "./api-error.ts";

/**
 * What sends a request: the platform's `fetch`, or one that is called like it. It is told to follow no redirection,
 * which would take the request, with its headers, to somebody else.
 */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Sends a request and takes in its whole answer, which is a JSON object of the API's.
 *
 * @throws ApiError for every other answer, a redirection included, and for none
 */
export async function exchange(fetch: Fetch, request: Request): Promise<Response> {
  const { method, url, signal } = request;
  // Without the query: an email address does not belong in a message.
  const name = `${method} ${new URL(url).pathname}`;
  const headers = Object.fromEntries(request.headers);
  const body = (await request.text()) || null;
  signal.throwIfAborted(); // Not left to `fetch`, which may be one that knows nothing of signals.
  let response: Response;
  let text: string;
  try {
    // Spelled out, because not every `fetch` knows the Request of this platform.
    response = await fetch(url, { method, headers, body, signal, redirect: "manual" });
    text = await response.text();
  } catch (cause) {
    throw new ApiError("no-answer", `${name} got no answer: ${String(cause)}`, { cause });
  }
  const type = response.headers.get("content-type") ?? "no content type";
  const object = /^application\/(?:problem\+)?json *(?:;|$)/i.test(type) ? objectIn(text) : undefined;
  if (response.ok && object) return new Response(text, response);
  const what = `${name} was answered ${response.status} (${type}), which is no answer of this API`;
  throw (
    (response.status >= 400 && problemError(response, object)) || new ApiError("unexpected-answer", what, { response })
  );
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
