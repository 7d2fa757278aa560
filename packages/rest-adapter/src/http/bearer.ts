import { createHttpProblem, type Problem } from "./problem.ts";

/** The maximum length of a credential. A longer one is invalid. */
const MAX_CREDENTIAL_LENGTH = 8 * 1024;

/** `b64token` of RFC 6750 section 2.1, after a case-insensitive scheme and spaces. */
const BEARER_CREDENTIAL = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** The scheme, which ends before the first character that RFC 9110 section 5.6.2 permits in no token. */
const BEARER_SCHEME = /^Bearer(?![A-Za-z0-9!#$%&'*+.^_`|~-])/i;

/** A credential that no authentication accepts. */
const MALFORMED = "";

/**
 * Parses an `Authorization` field. Several fields arrive as one value with a comma, which no credential contains.
 *
 * @returns the credential; an empty string if it is malformed; `undefined` if the field is absent or has another scheme,
 *   which RFC 6750 section 3.1 treats alike
 */
export function parseBearer(field: string | null): string | undefined {
  if (field === null) return undefined;
  const credential = BEARER_CREDENTIAL.exec(field)?.[1];
  if (credential !== undefined && credential.length <= MAX_CREDENTIAL_LENGTH) return credential;
  return BEARER_SCHEME.test(field) ? MALFORMED : undefined;
}

/** Challenges of RFC 6750 section 3. */
const CHALLENGE = 'Bearer realm="users"';

const REJECTIONS = {
  missing: { challenge: CHALLENGE, detail: "The request has no credential." },
  invalid: { challenge: `${CHALLENGE}, error="invalid_token"`, detail: "The credential is invalid." },
  expired: { challenge: `${CHALLENGE}, error="invalid_token"`, detail: "The credential has expired." },
};

/** Creates the problem of a request without a valid credential. */
export function createUnauthenticated(rejection: keyof typeof REJECTIONS): Problem {
  const { challenge, detail } = REJECTIONS[rejection];
  return createHttpProblem("unauthenticated", { detail, headers: { "www-authenticate": challenge } });
}

/** Creates the problem of a request whose caller does not have the scope. */
export function createInsufficientScope(scope: string): Problem {
  return createHttpProblem("insufficient-scope", {
    detail: `The caller does not have the scope ${scope}.`,
    headers: { "www-authenticate": `${CHALLENGE}, error="insufficient_scope", scope="${scope}"` },
  });
}
