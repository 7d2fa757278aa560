/** Returns 128 random bits as text. `crypto.randomUUID` is missing on pages without TLS. */
export function createKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}

/**
 * Returns the digest of a file, the prefix of the keys of its rows, so that a second import of the file creates no user
 * again. Pages without TLS have no digest: there only the attempts of one import have the same keys.
 */
export async function createKeyPrefix(bytes: ArrayBuffer): Promise<string> {
  if (!isSecureContext) return createKey();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
