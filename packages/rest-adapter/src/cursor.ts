/**
 * A place in the list of users as clients pass it back: the id of the last user they saw, in base64url behind a
 * checksum. The checksum is against accidents and cursors of others; a forged cursor can do no more than a list.
 */
export function encodeCursor(id: string): string {
  const bytes = new TextEncoder().encode(id);
  const binary = String.fromCharCode(...checksum(bytes), ...bytes);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The id in a cursor, or `undefined` when it is none of ours. */
export function decodeCursor(cursor: string): string | undefined {
  if (!/^[\w-]{1,8192}$/.test(cursor) || cursor.length % 4 === 1) return undefined;
  const binary = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  const id = new TextDecoder().decode(Uint8Array.from(binary.slice(4), (character) => character.charCodeAt(0)));
  return id !== "" && encodeCursor(id) === cursor ? id : undefined;
}

/** FNV-1a with 32 bits (RFC 9923), begun with a word of our own. */
function checksum(bytes: Uint8Array): number[] {
  let hash = 0x75736572;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return [24, 16, 8, 0].map((shift) => (hash >>> shift) & 0xff);
}
