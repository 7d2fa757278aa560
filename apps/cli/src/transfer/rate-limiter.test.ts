import { describe, expect, test } from "vitest";
import { createRateLimiter, estimateDurationS } from "./rate-limiter.ts";

/** Starts rows as fast as a limiter permits, and returns the number in each second. */
function countRows(seconds: number, maxWriteUnits: number | undefined, units: number, throttledAt = -1): number[] {
  let time = 0;
  const limiter = createRateLimiter({ maxWriteUnits, now: () => time });
  const counts = Array.from({ length: seconds }, () => 0);
  let isThrottled = false;
  for (;;) {
    time += limiter.reserve(units);
    const second = Math.floor(time / 1_000);
    if (second >= seconds) return counts;
    counts[second] = counts[second]! + 1;
    if (second === throttledAt && !isThrottled) {
      isThrottled = true;
      for (let row = 0; row < 20; row += 1) limiter.slowDown();
    }
  }
}

describe("the rate limiter", () => {
  test("starts at 200 rows a second and adds 50 each second", () => {
    const expected = [200, 250, 300, 350];
    for (const [second, rows] of countRows(4, undefined, 4).entries()) {
      expect(Math.abs(rows - expected[second]!)).toBeLessThanOrEqual(10);
    }
  });

  test("halves the rate once for the rows that are throttled together", () => {
    const rows = countRows(4, undefined, 4, 2);
    expect(rows[2]).toBeLessThan(170);
    expect(rows[3]).toBeGreaterThan(140);
  });

  test("never exceeds the write units", () => {
    for (const rows of countRows(10, 100, 6)) {
      expect(rows * 6).toBeLessThanOrEqual(100);
      expect(rows * 6).toBeGreaterThanOrEqual(84);
    }
  });

  test("does not speed up while the rate is not used", () => {
    let time = 0;
    const limiter = createRateLimiter({ maxWriteUnits: undefined, now: () => time });
    for (let row = 0; row < 600; row += 1) {
      expect(limiter.reserve(4)).toBe(0);
      time += 100;
    }
    let wait = 0;
    for (let row = 0; row < 20; row += 1) wait = limiter.reserve(4);
    // 20 ms of credit and 19 rows at 200 rows a second.
    expect(wait).toBeCloseTo(75, 0);
  });
});

test.for([
  ["no row", 0, undefined, 0],
  ["the first second", 200, undefined, 1],
  ["a growing rate", 450, undefined, 2],
  ["limited write units", 1_000, 400, 10],
] as const)("estimates the duration of %s", ([, rows, maxWriteUnits, seconds]) => {
  expect(estimateDurationS(rows, 4, maxWriteUnits)).toBe(seconds);
});
