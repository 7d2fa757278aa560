import { Problem } from "./problem.ts";

/**
 * The key in an `Idempotency-Key` header: 1 to 255 printable ASCII characters, as they are or as a quoted string of
 * a structured field (RFC 9651 section 3.3.3), which is what the draft of the header asks for.
 *
 * @throws Problem `malformed-request`
 */
export function idempotencyKeyOf(header: string | null): string | undefined {
  if (header === null) return undefined;
  const key = header.startsWith('"') ? unquoted(header) : header;
  if (key !== undefined && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem("malformed-request", {
    detail: "The Idempotency-Key must be 1 to 255 printable ASCII characters.",
  });
}

function unquoted(header: string): string | undefined {
  return /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1]?.replaceAll(/\\(["\\])/g, "$1");
}
