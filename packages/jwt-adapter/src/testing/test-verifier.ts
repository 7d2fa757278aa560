import { createHash } from "node:crypto";
import { createJwtVerifier, type JwtVerifierOptions } from "../index.ts";
import { AUDIENCE, NOW_S } from "./tokens.ts";

/** Creates a verifier with a clock that only the test advances. */
export function createTestVerifier(options: Pick<JwtVerifierOptions, "issuer"> & Partial<JwtVerifierOptions>) {
  const errors: unknown[] = [];
  let timeMs = NOW_S * 1_000;
  const verifier = createJwtVerifier({
    audience: AUDIENCE,
    type: "at+jwt",
    digest: (text) => createHash("sha256").update(text).digest("base64url"),
    now: () => new Date(timeMs),
    onError: (error) => errors.push(error),
    ...options,
  });
  const advance = (durationS: number) => (timeMs += durationS * 1_000);
  return { verifier, errors, advance };
}

export const INVALID = { rejection: "invalid" };
export const EXPIRED = { rejection: "expired" };

/** Matches the result of a valid token. */
export const ACCEPTED = { caller: { auth: "token" } };
