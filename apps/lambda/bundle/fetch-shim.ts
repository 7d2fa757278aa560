/**
 * Replaces Headers, Request and Response in the bundle, as far as the app and Hono's adapter use them. The first use of
 * the platform's classes loads its HTTP client, which takes a quarter of the time to the first response.
 */
type HeadersInit = Headers | Record<string, string>;

export class Headers {
  readonly #values = new Map<string, string>();

  constructor(init: HeadersInit = {}) {
    const entries = init instanceof Headers ? init.#values : Object.entries(init);
    for (const [name, value] of entries) this.set(name, value);
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), value.trim());
  }

  append(name: string, value: string): void {
    const current = this.get(name);
    this.set(name, current === null ? value : `${current}, ${value.trim()}`);
  }

  forEach(callback: (value: string, name: string) => void): void {
    this.#values.forEach(callback);
  }
}

/** The methods that are normalized to upper case (Fetch standard, "normalize a method"). */
const NORMALIZED_METHODS = /^(?:DELETE|GET|HEAD|OPTIONS|POST|PUT)$/i;

export class Request {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  /** Is always `null`: Hono's adapter sets `Content-Length`, with which the app reads the body by `arrayBuffer()`. */
  readonly body = null;
  readonly #bytes: Uint8Array;

  constructor(
    url: string,
    { method = "GET", headers, body }: { method?: string; headers?: HeadersInit; body?: string | Uint8Array },
  ) {
    this.url = new URL(url).href;
    this.method = NORMALIZED_METHODS.test(method) ? method.toUpperCase() : method;
    this.headers = new Headers(headers);
    this.#bytes = typeof body === "string" ? new TextEncoder().encode(body) : (body ?? new Uint8Array());
  }

  async arrayBuffer(): Promise<Uint8Array> {
    return this.#bytes;
  }
}

export class Response {
  readonly status: number;
  readonly headers: Headers;
  readonly #text: string;

  constructor(body: string | null, { status = 200, headers }: { status?: number; headers?: HeadersInit } = {}) {
    this.status = status;
    this.headers = new Headers(headers);
    this.#text = body ?? "";
  }

  async text(): Promise<string> {
    return this.#text;
  }
}
