import { createHash } from "node:crypto";
import type { createApp } from "@user-management/rest-adapter";
import { assets } from "./docs-assets.ts";
import { readDocsFile } from "./docs-files.ts";

type App = ReturnType<typeof createApp>;

/** The page may use what this server serves and nothing else, not even what is written into it (W3C: CSP Level 3). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // The stylesheet of Swagger UI carries its icons as data: URLs.
  "img-src 'self' data:",
  // The document, and the requests that a reader tries.
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * Adds `GET /docs`, a page to read and to try the API, and each of its assets. A file is read when it is first asked
 * for. A client may keep it, and asks with its entity tag before every use.
 */
export function addDocs(app: App): App {
  for (const [path, { file, type }] of Object.entries(assets)) {
    let asset: Asset | undefined;
    app.get(path, async (c) => {
      asset ??= await readAsset(file);
      const { bytes, tag } = asset;
      const isKnown = c.req.raw.headers.get("if-none-match")?.includes(tag) ?? false;
      c.set("bytes", isKnown || c.req.method === "HEAD" ? 0 : bytes.byteLength);
      return new Response(isKnown ? null : bytes, {
        status: isKnown ? 304 : 200,
        headers: {
          ...(!isKnown && { "content-type": type }),
          "content-security-policy": CONTENT_SECURITY_POLICY,
          "referrer-policy": "no-referrer",
          "x-content-type-options": "nosniff",
          "x-request-id": c.get("requestId"),
          "cache-control": "no-cache",
          etag: tag,
        },
      });
    });
  }
  return app;
}

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** A digest, so that no other tag contains it. */
  readonly tag: string;
}

async function readAsset(file: string): Promise<Asset> {
  const bytes = await readDocsFile(file);
  return { bytes, tag: `"${createHash("sha256").update(bytes).digest("base64url")}"` };
}
