import { apiKeyNameSchema, apiKeyScopesSchema, type Scope } from "@user-management/domain";
import { InvalidArgumentError } from "commander";
import * as v from "valibot";

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** About 100 years: every time that it leads to has a year of four digits. */
const MAX_DURATION_MS = 36_500 * UNITS_MS.d;

/** Parses a duration, a whole number and a unit such as `24h`, to milliseconds. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d{1,12})([smhd])$/.exec(text) ?? [];
  const durationMs = unit === undefined ? Number.NaN : Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  if (durationMs > 0 && durationMs <= MAX_DURATION_MS) return durationMs;
  throw new InvalidArgumentError("It must be a duration such as 90d, 24h, 30m or 10s, at most 36500d.");
}

/** Parses an expiry: `never`, a date, which begins at midnight UTC, or a duration from now. */
export function parseExpiry(text: string): string | undefined {
  if (text === "never") return undefined;
  if (/^\d{4}-/.test(text)) return parseDate(text);
  return new Date(Date.now() + parseDuration(text)).toISOString();
}

function parseDate(text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00.000Z`) : Number.NaN;
  const date = Number.isNaN(time) ? undefined : new Date(time).toISOString();
  if (!date?.startsWith(text)) throw new InvalidArgumentError("It must be an existing date such as 2027-01-31.");
  if (time <= Date.now()) throw new InvalidArgumentError("It must be in the future.");
  return date;
}

export function parseName(text: string): string {
  return parse(apiKeyNameSchema, text);
}

/** Parses scopes that are separated by commas. */
export function parseScopes(text: string): readonly Scope[] {
  return parse(
    apiKeyScopesSchema,
    text.split(",").filter((scope) => scope !== ""),
  );
}

function parse<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new InvalidArgumentError(`It ${result.issues[0].message}.`);
}
