export { createJwtVerifier, type JwtVerifier, type JwtVerifierOptions } from "./jwt-verifier.ts";
