import { ApiError, isProblem, toApiError } from "./api-error.ts";
import type { Fetch } from "./users-client.ts";

/**
 * The maximum length of a response body after decompression, in bytes. The longest page that the service can compose,
 * 100 users with every field at its maximum length, is shorter than 3 MiB.
 */
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;

/**
 * Sends a request and returns a successful response whose body is a JSON object, read in full.
 *
 * @throws ApiError for every other response, including redirections, and if there is no response
 */
export async function sendRequest(fetch: Fetch, request: Request): Promise<Response> {
  const { method, url, signal } = request;
  const target = `${method} ${new URL(url).pathname}`; // Without the query: an email is personal data.
  const headers = Object.fromEntries(request.headers);
  const body = (await request.text()) || null;
  signal.throwIfAborted(); // A custom `fetch` may ignore the signal.

  let response: Response;
  let text: string | undefined;
  try {
    // Not the request itself: a custom `fetch` may require a Request class of its own.
    response = await fetch(url, { method, headers, body, signal, redirect: "manual" });
    text = await readText(response, signal);
  } catch (cause) {
    const message = `The request ${target} received no complete response: ${String(cause)}`;
    throw new ApiError("network-error", message, { cause });
  }

  if (text === undefined) {
    const message = `The response to ${target} is longer than ${MAX_RESPONSE_BYTES} bytes.`;
    throw new ApiError("unexpected-response", message, { response });
  }
  const contentType = response.headers.get("content-type") ?? "no content type";
  const json = /^application\/(?:problem\+)?json *(?:;|$)/i.test(contentType) ? parseObject(text) : undefined;
  if (response.ok && json) return new Response(text, response);
  if (response.status >= 400 && isProblem(json)) throw toApiError(json, response);
  const message = `The response to ${target} is not one of this API: ${response.status} (${contentType}).`;
  throw new ApiError("unexpected-response", message, { response });
}

/**
 * Returns the body as text. If it is longer than {@link MAX_RESPONSE_BYTES}, stops reading, releases the connection and
 * returns `undefined`. Releases it on abort as well, because a custom `fetch` may ignore the signal.
 */
async function readText(response: Response, signal: AbortSignal): Promise<string | undefined> {
  if (!response.body) return response.text(); // There is no body, or no stream of it (React Native).
  const reader = response.body.getReader();
  const release = () => void reader.cancel().catch(() => {}); // Not awaited: it may never settle.
  signal.addEventListener("abort", release);
  if (signal.aborted) release();
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    signal.throwIfAborted();
    if (done) return text + decoder.decode();
    length += value.byteLength;
    if (length > MAX_RESPONSE_BYTES) {
      release();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
