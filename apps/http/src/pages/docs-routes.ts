import type { Route } from "@user-management/rest-adapter";
import { DOCS_FILES, readDocsFile } from "./docs-files.ts";
import { createFileRoute } from "./file-route.ts";

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
];

/** Creates the routes of the interactive API reference at `/docs`. */
export function createDocsRoutes(): Route[] {
  return Object.entries(DOCS_FILES).map(([path, { source, mediaType }]) =>
    createFileRoute(path, {
      mediaType,
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
      read: () => readDocsFile(source),
    }),
  );
}
