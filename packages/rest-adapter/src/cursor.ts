/**
 * Encodes the id after which the next page starts as an opaque cursor: base64url of a checksum and the id. The checksum
 * detects truncated and foreign cursors; a forged cursor gives access to nothing that a list does not.
 */
export function encodeCursor(id: string): string {
  const bytes = new TextEncoder().encode(id);
  const binary = String.fromCharCode(...computeChecksum(bytes), ...bytes);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Returns the id in a cursor, or `undefined` if {@link encodeCursor} did not create the cursor. */
export function decodeCursor(cursor: string): string | undefined {
  if (!/^[\w-]{1,8192}$/.test(cursor) || cursor.length % 4 === 1) return undefined;
  const binary = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  const id = new TextDecoder().decode(Uint8Array.from(binary.slice(4), (character) => character.charCodeAt(0)));
  return id !== "" && encodeCursor(id) === cursor ? id : undefined;
}

/** FNV-1a with 32 bits (RFC 9923) and an offset basis of its own, so that the checksum is specific to these cursors. */
function computeChecksum(bytes: Uint8Array): number[] {
  let hash = 0x75736572;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return [24, 16, 8, 0].map((shift) => (hash >>> shift) & 0xff);
}
