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

/**
 * Creates the routes of the page at `/admin`, with which an operator finds and edits users over the public API, and the
 * redirection to it at `/`.
 */
export function createAdminRoutes(): Route[] {
  const files = Object.entries(ADMIN_FILES).map(([path, { source, mediaType }]) =>
    createFileRoute(path, {
      mediaType,
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
      read: () => readAdminFile(source),
    }),
  );
  return [...files, REDIRECTION];
}

/** The location is relative, because a proxy may serve the pages under a path of its own. */
const REDIRECTION: Route = {
  method: "GET",
  pattern: "/",
  scope: "public",
  handle: () => Promise.resolve({ status: 302, headers: { location: "admin", "content-length": "0" } }),
};
