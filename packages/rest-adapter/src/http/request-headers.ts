import { createHttpProblem } from "./problem.ts";

/**
 * Parses an `Idempotency-Key` field: 1 to 255 printable ASCII characters, bare or as a quoted string (RFC 9651
 * section 3.3.3), which draft-ietf-httpapi-idempotency-key-header requires.
 *
 * @throws Problem `malformed-request`
 */
export function parseIdempotencyKey(field: string | null): string | undefined {
  if (field === null) return undefined;
  const key = field.startsWith('"') ? unquote(field) : field;
  if (key !== undefined && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw createHttpProblem("malformed-request", {
    detail: "The Idempotency-Key must be 1 to 255 printable ASCII characters.",
  });
}

function unquote(field: string): string | undefined {
  return /^"((?:[^"\\]|\\["\\])*)"$/.exec(field)?.[1]?.replaceAll(/\\(["\\])/g, "$1");
}

/** Reports whether a `Prefer` field contains `return=representation` (RFC 7240 section 4.2). */
export function prefersRepresentation(field: string | null): boolean {
  const preferences = field?.split(",") ?? [];
  return preferences.some((preference) => /^\s*return\s*=\s*"?representation"?\s*(?:;|$)/i.test(preference));
}
