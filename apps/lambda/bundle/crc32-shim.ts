/** Replaces `node:zlib` in the bundle, which takes longer to load than the rest of the code that reads a response. */

const POLYNOMIAL = 0xedb88320;

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** Returns the CRC-32 of bytes (RFC 1952 section 8). */
export function crc32(bytes: Uint8Array): number {
  let value = -1;
  for (let index = 0; index < bytes.length; index += 1) value = TABLE[(value ^ bytes[index]!) & 0xff]! ^ (value >>> 8);
  return ~value >>> 0;
}
