import { createHash } from "node:crypto";
import type { Route } from "@user-management/rest-adapter";
import { DOCS_FILES, readDocsFile } from "./docs-files.ts";

/** Allows the files of this server only, and no inline script or style (W3C: CSP Level 3). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // The stylesheet of Swagger UI contains its icons as data: URLs.
  "img-src 'self' data:",
  // The OpenAPI document, and the requests that a reader sends from the page.
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * Creates the routes of the interactive API reference at `/docs`. A file is read on the first request for it; clients
 * may store it and revalidate it with its entity tag before every use.
 */
export function createDocsRoutes(): Route[] {
  return Object.entries(DOCS_FILES).map(([path, file]) => createFileRoute(path, file));
}

function createFileRoute(path: string, { source, mediaType }: { source: string; mediaType: string }): Route {
  let file: { readonly bytes: Uint8Array<ArrayBuffer>; readonly etag: string } | undefined;
  return {
    method: "GET",
    pattern: path,
    scope: "public",
    async handle({ headers }) {
      file ??= await readFileWithEtag(source);
      const { bytes, etag } = file;
      const fileHeaders = {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
        etag,
      };
      // The entity tag is a digest, so no other entity tag contains it.
      if (headers.get("if-none-match")?.includes(etag)) return { status: 304, headers: fileHeaders };
      return { status: 200, headers: { ...fileHeaders, "content-type": mediaType }, body: bytes };
    },
  };
}

async function readFileWithEtag(source: string) {
  const bytes = await readDocsFile(source);
  return { bytes, etag: `"${createHash("sha256").update(bytes).digest("base64url")}"` };
}
