import type { Fetch } from "./exchange.ts";

/** What a client is made with. */
export interface UsersClientOptions {
  /**
   * Where the API is, such as `https://api.example.com/prod/`; on a web page it may be relative to the page. Below a
   * wrong path of the API's own host nothing is found, and `get` answers `undefined`.
   */
  readonly baseUrl: string | URL;
  /** Sent with every request, such as `Authorization`. */
  readonly headers?: Record<string, string>;
  /** Sends the requests; the platform's `fetch` unless told. */
  readonly fetch?: Fetch;
  /** How often a request is repeated at most, where that is safe: 3 times unless told. */
  readonly retries?: number;
  /** What an attempt may take until its whole answer is there, in milliseconds: 10,000 unless told. */
  readonly timeout?: number;
}

/** The longest time that a timer takes, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** @throws TypeError when one of them cannot be */
export function checked(options: UsersClientOptions): Required<UsersClientOptions> & { baseUrl: string } {
  const {
    headers = {},
    fetch = (url, init) => globalThis.fetch(url, init), // Looked up when it is called, and called on what it belongs to.
    retries = 3,
    timeout = 10_000,
  } = options;
  if (!Number.isSafeInteger(retries) || retries < 0) throw new TypeError("retries must be a whole number from 0");
  if (!(timeout > 0 && timeout <= LONGEST)) throw new TypeError(`timeout must be 1 to ${LONGEST} milliseconds`);
  return {
    baseUrl: baseOf(options.baseUrl),
    headers: Object.fromEntries(new Headers(headers)),
    fetch,
    retries,
    timeout,
  };
}

function baseOf(baseUrl: string | URL): string {
  const page = globalThis.location?.href;
  const url = URL.canParse(baseUrl, page) ? new URL(baseUrl, page) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new TypeError("baseUrl must be a URL of http or https without credentials, query and fragment");
  }
  return url.href.replace(/\/+$/, "");
}
