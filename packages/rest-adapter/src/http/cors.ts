import type { PlainResponse } from "./response.ts";

/** The longest time for which a browser stores a preflight response: 2 hours in Chromium. */
const MAX_AGE_S = 7_200;

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";

/** The response headers of this API that a page may not read otherwise (Fetch standard, "CORS-safelisted"). */
const EXPOSED_HEADERS = [
  "Accept",
  "Accept-Encoding",
  "Allow",
  "Content-Location",
  "ETag",
  "Idempotent-Replayed",
  "Link",
  "Location",
  "Preference-Applied",
  "Retry-After",
  "WWW-Authenticate",
  "X-Request-Id",
].join(", ");

export interface CorsOptions {
  /** The exact origins whose pages may use the API, such as `https://app.example.com`. */
  readonly allowedOrigins: readonly string[];
  /** The request headers that these pages may send. */
  readonly requestHeaders: readonly string[];
}

/** Cross-origin resource sharing (Fetch standard) for an exact list of origins, without cookies. */
export interface Cors {
  /** Returns the headers that every response has. */
  readonly getHeaders: (request: Headers) => Readonly<Record<string, string>>;
  /** Returns the response to a preflight request of an allowed origin, which has no credential; otherwise `undefined`. */
  readonly respondToPreflight: (method: string, request: Headers) => PlainResponse | undefined;
}

export function createCors({ allowedOrigins, requestHeaders }: CorsOptions): Cors {
  const none = {};
  const vary = { vary: "Origin" };

  return {
    getHeaders(request) {
      if (allowedOrigins.length === 0) return none;
      const origin = getAllowedOrigin(request);
      if (origin === undefined) return vary;
      return { ...vary, "access-control-allow-origin": origin, "access-control-expose-headers": EXPOSED_HEADERS };
    },

    respondToPreflight(method, request) {
      const isPreflight = method === "OPTIONS" && request.get("access-control-request-method") !== null;
      if (!isPreflight || getAllowedOrigin(request) === undefined) return undefined;
      const headers = {
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": requestHeaders.join(", "),
        "access-control-max-age": String(MAX_AGE_S),
      };
      return { status: 204, headers };
    },
  };

  function getAllowedOrigin(request: Headers): string | undefined {
    const origin = request.get("origin");
    return origin !== null && allowedOrigins.includes(origin) ? origin : undefined;
  }
}
