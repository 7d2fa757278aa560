import * as v from "valibot";
import { SettingsError } from "./settings.ts";

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Reports whether a text is an https URL, or an http URL of this machine, without credentials and fragment. */
function isProtectedUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  const isProtected = protocol === "https:" || (protocol === "http:" && LOOPBACK_HOST.test(hostname));
  return isProtected && `${username}${password}${hash}` === "";
}

const URL_RULE = "must be an https URL without credentials and fragment; http is accepted for this machine only";

const protectedUrlSchema = v.pipe(v.string(), v.check(isProtectedUrl, URL_RULE));

/** An issuer identifier (RFC 8414 section 2), which has no query either. */
const issuerSchema = v.pipe(
  protectedUrlSchema,
  v.check((text) => !text.includes("?"), "must be a URL without a query"),
);

/** A list separated by commas or spaces. */
export const listSchema = v.pipe(
  v.string(),
  v.transform((text) => text.split(/[\s,]+/).filter((part) => part !== "")),
);

/** An origin as browsers serialize it (Fetch standard, "origin"), such as `https://app.example.com`. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

/** The settings of authentication that the server and the function share. */
export const accessSettings = {
  USERS_TOKEN_ISSUER: v.optional(issuerSchema),
  USERS_TOKEN_AUDIENCE: v.optional(v.string()),
  USERS_TOKEN_JWKS_URL: v.optional(protectedUrlSchema),
  USERS_TOKEN_TYPE: v.optional(v.picklist(["at+jwt", "any"], "must be at+jwt or any"), "at+jwt"),
  USERS_ALLOWED_ORIGINS: v.optional(
    v.pipe(
      listSchema,
      v.check((origins) => origins.every(isOrigin), "must be origins such as https://app.example.com, without a path"),
    ),
    "",
  ),
};

type AccessSettings = v.InferOutput<v.ObjectSchema<typeof accessSettings, undefined>>;

export interface TokenSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string | undefined;
  readonly type: "at+jwt" | "any";
}

/**
 * Returns the settings of access tokens, or `undefined` if access tokens are not enabled.
 *
 * @throws SettingsError if the issuer or the audience is missing
 */
export function toTokenSettings(settings: AccessSettings): TokenSettings | undefined {
  const {
    USERS_TOKEN_ISSUER: issuer,
    USERS_TOKEN_AUDIENCE: audience,
    USERS_TOKEN_JWKS_URL: jwksUrl,
    USERS_TOKEN_TYPE: type,
  } = settings;
  if (issuer !== undefined && audience !== undefined) return { issuer, audience, jwksUrl, type };
  if (issuer === undefined && audience === undefined && jwksUrl === undefined) return undefined;
  throw new SettingsError("USERS_TOKEN_ISSUER and USERS_TOKEN_AUDIENCE must both be set");
}
