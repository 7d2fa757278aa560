import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Route } from "@user-management/rest-adapter";

const compress = promisify(gzip);

export interface ServedFile {
  readonly mediaType: string;
  /** The directives of the content security policy of the pages that consist of such files. */
  readonly contentSecurityPolicy: readonly string[];
  readonly read: () => Promise<Uint8Array<ArrayBuffer>>;
}

/** One encoding of a file. Each has an entity tag of its own, because a strong one identifies bytes (RFC 9110 section 8.8.1). */
interface Encoded {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/**
 * Creates the route of a file of a page. The file is read and compressed on the first request for it; clients may store
 * it and revalidate it with its entity tag before every use.
 */
export function createFileRoute(path: string, { mediaType, contentSecurityPolicy, read }: ServedFile): Route {
  let file: Promise<{ readonly plain: Encoded; readonly gzipped: Encoded }> | undefined;
  return {
    method: "GET",
    pattern: path,
    scope: "public",
    async handle({ headers }) {
      file ??= encodeFile(read);
      file.catch(() => (file = undefined)); // The next request reads it again.
      const isGzipped = acceptsGzip(headers.get("accept-encoding"));
      const { bytes, etag } = (await file)[isGzipped ? "gzipped" : "plain"];
      const fileHeaders = {
        "content-security-policy": contentSecurityPolicy.join("; "),
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
        // Replaces the field of the pipeline, which may be `Origin`.
        vary: "Accept-Encoding, Origin",
        etag,
      };
      // The entity tag is a digest, so no other entity tag contains it.
      if (headers.get("if-none-match")?.includes(etag)) return { status: 304, headers: fileHeaders };
      const encoding = isGzipped ? { "content-encoding": "gzip" } : {};
      return { status: 200, headers: { ...fileHeaders, ...encoding, "content-type": mediaType }, body: bytes };
    },
  };
}

async function encodeFile(read: ServedFile["read"]) {
  const plain = await read();
  const gzipped = new Uint8Array(await compress(plain, { level: 9 }));
  const digest = createHash("sha256").update(plain).digest("base64url");
  return { plain: { bytes: plain, etag: `"${digest}"` }, gzipped: { bytes: gzipped, etag: `"${digest}-gzip"` } };
}

/** Returns whether the client accepts gzip: with a weight above 0, itself or by `*` (RFC 9110 section 12.5.3). */
export function acceptsGzip(acceptEncoding: string | null): boolean {
  const codings = (acceptEncoding ?? "").toLowerCase().split(",").map(parseCoding);
  const coding = ["gzip", "x-gzip", "*"].flatMap((name) => codings.filter((one) => one.name === name))[0];
  return coding !== undefined && coding.weight > 0;
}

function parseCoding(text: string): { readonly name: string; readonly weight: number } {
  const [name = "", parameter = "q=1"] = text.split(";").map((part) => part.trim());
  return { name, weight: Number(/^q=([\d.]+)$/.exec(parameter)?.[1] ?? 0) };
}
