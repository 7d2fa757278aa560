import type { Route } from "@user-management/rest-adapter";
import { ADMIN_FILES, readAdminFile } from "./admin-files.ts";
import { createFileRoute } from "./file-route.ts";

/**
 * Allows the files of this server only, no inline script or style, and no text that becomes markup or script (W3C: CSP
 * Level 3, Trusted Types).
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
];

/** Creates the routes of the page at `/admin`, with which an operator finds and edits users over the public API. */
export function createAdminRoutes(): Route[] {
  return Object.entries(ADMIN_FILES).map(([path, { source, mediaType }]) =>
    createFileRoute(path, {
      mediaType,
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
      read: () => readAdminFile(source),
    }),
  );
}
