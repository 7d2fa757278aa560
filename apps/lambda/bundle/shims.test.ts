import { randomBytes } from "node:crypto";
import { crc32 as platformCrc32 } from "node:zlib";
import { expect, test } from "vitest";
import { crc32 } from "./crc32-shim.ts";
import { crypto, performance as shim } from "./globals-shim.ts";

test("crc32 equals that of the platform", () => {
  for (let length = 0; length < 500; length += 1) {
    const bytes = randomBytes(length);
    expect(crc32(bytes), bytes.toString("hex")).toBe(platformCrc32(bytes));
  }
});

test("performance.now returns milliseconds of a monotonic clock", () => {
  const startedAt = shim.now();
  const platformStartedAt = performance.now();
  while (performance.now() < platformStartedAt + 5) expect(shim.now()).toBeGreaterThanOrEqual(startedAt);
  expect(shim.now() - startedAt).toBeGreaterThanOrEqual(5);
});

test("crypto.randomUUID is that of the platform", () => {
  expect(crypto.randomUUID()).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});
