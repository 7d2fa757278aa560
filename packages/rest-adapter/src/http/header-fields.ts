import { createHttpProblem } from "./problem.ts";

/** Returns the strong entity tag of a version (RFC 9110 section 8.8.3). */
export function formatEtag(version: number): string {
  return `"${version}"`;
}

/**
 * Returns the versions in an `If-Match` field, compared strongly: weak and foreign entity tags match no version.
 *
 * @returns `undefined` for `*` and for an absent field
 */
export function parseIfMatch(field: string | null): number[] | undefined {
  if (field === null || field.trim() === "*") return undefined;
  return parseEtags(field)
    .filter((etag) => /^"(?:0|[1-9]\d{0,14})"$/.test(etag))
    .map((etag) => Number(etag.slice(1, -1)));
}

/** Reports whether an `If-None-Match` field is `*` or has the entity tag, compared weakly (RFC 9110 section 8.8.3.2). */
export function matchesEtag(field: string, etag: string): boolean {
  return field.trim() === "*" || parseEtags(field).some((listed) => listed.replace(/^W\//, "") === etag);
}

/** Returns the entity tags of a list; none if the list contains anything else. */
function parseEtags(field: string): string[] {
  const isList = /^[\s,]*(?:(?:W\/)?"[^"]*"\s*(?:,[\s,]*|$))*$/.test(field);
  return (isList && field.match(/(?:W\/)?"[^"]*"/g)) || [];
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Formats a time, ISO 8601 in UTC, as an IMF-fixdate (RFC 9110 section 5.6.7). Most of the text can be copied, which takes
 * less time than `toUTCString`.
 */
export function formatHttpDate(time: string): string {
  const day = DAYS[new Date(time).getUTCDay()];
  const month = MONTHS[Number(time.slice(5, 7)) - 1];
  return `${day}, ${time.slice(8, 10)} ${month} ${time.slice(0, 4)} ${time.slice(11, 19)} GMT`;
}

const DAY = `(?:${DAYS.join("|")})`;
const MONTH = `(?:${MONTHS.join("|")})`;
const TIME = String.raw`\d\d:\d\d:\d\d`;

/** The three forms of an HTTP-date: IMF-fixdate, RFC 850 and asctime. */
const HTTP_DATES = [
  new RegExp(String.raw`^${DAY}, (\d\d) ${MONTH} \d{4} ${TIME} GMT$`),
  new RegExp(String.raw`^${DAY}[a-z]*day, (\d\d)-${MONTH}-\d\d ${TIME} GMT$`),
  new RegExp(String.raw`^${DAY} ${MONTH} ([ \d]\d) ${TIME} \d{4}$`),
];

/**
 * Parses an HTTP-date (RFC 9110 section 5.6.7) to seconds since the Unix epoch.
 *
 * @returns `undefined` for any other text, which the RFC requires to be ignored
 */
export function parseHttpDate(field: string | null): number | undefined {
  if (field === null) return undefined;
  const day = HTTP_DATES.map((form) => form.exec(field)?.[1]).find((match) => match !== undefined);
  if (day === undefined) return undefined;
  // The asctime form has no time zone, and `Date.parse` would assume the local one.
  const date = new Date(field.endsWith(" GMT") ? field : `${field} GMT`);
  return date.getUTCDate() === Number(day) ? date.getTime() / 1000 : undefined;
}

/**
 * Reports whether a representation was modified at or after a date. An HTTP-date has a resolution of one second: a
 * modification in the same second may be later than the response that the client has.
 *
 * @param updatedAt ISO 8601; a representation without it counts as modified
 */
export function isModifiedSince(updatedAt: string | undefined, dateS: number): boolean {
  return updatedAt === undefined || Math.floor(Date.parse(updatedAt) / 1000) >= dateS;
}

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
