import { describe, expect, test } from "vitest";
import { createFailureThrottle } from "./throttle.ts";

/** Creates a throttle with a clock that stands still until the time is set. */
function createThrottle() {
  const clock = { timeMs: 0 };
  const countFailure = createFailureThrottle(() => clock.timeMs);
  /** Counts failures of an address, and returns the delay in seconds after each. */
  const fail = (address: string, count: number) => Array.from({ length: count }, () => countFailure(address));
  return { clock, countFailure, fail };
}

const getAddress = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;

const ACCEPTED = Array.from({ length: 20 }, () => 0);

describe("limit", () => {
  test("accepts 20 failures at once, and then none for a second", () => {
    const { fail } = createThrottle();
    expect(fail("192.0.2.1", 22)).toEqual([...ACCEPTED, 1, 1]);
  });

  test("accepts one more failure for each second", () => {
    const { clock, fail } = createThrottle();
    fail("192.0.2.1", 20);
    clock.timeMs = 999;
    expect(fail("192.0.2.1", 1)).toEqual([1]);
    clock.timeMs = 1_000;
    expect(fail("192.0.2.1", 2)).toEqual([0, 1]);
    clock.timeMs = 4_500;
    expect(fail("192.0.2.1", 5)).toEqual([0, 0, 0, 1, 1]);
    clock.timeMs = 5_000;
    expect(fail("192.0.2.1", 2)).toEqual([0, 1]);
  });

  test("accepts at most 20 failures at once after any time", () => {
    const { clock, fail } = createThrottle();
    fail("192.0.2.1", 20);
    clock.timeMs = 3_600_000;
    expect(fail("192.0.2.1", 21)).toEqual([...ACCEPTED, 1]);
  });

  test("is not extended by failures beyond it", () => {
    const { clock, fail } = createThrottle();
    fail("192.0.2.1", 500);
    clock.timeMs = 1_000;
    expect(fail("192.0.2.1", 1)).toEqual([0]);
  });
});

describe("addresses", () => {
  test.for<[label: string, first: string, second: string]>([
    ["IPv4", "192.0.2.1", "192.0.2.1"],
    ["IPv4 and IPv4-mapped IPv6", "192.0.2.1", "::ffff:192.0.2.1"],
    ["IPv4 and IPv4-mapped IPv6 in upper case", "192.0.2.1", "::FFFF:192.0.2.1"],
    ["one IPv6 /64", "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"],
    ["one IPv6 /64 in upper case", "2001:db8:a:b::1", "2001:DB8:A:B::2"],
    ["one IPv6 /64 with leading zeros", "2001:db8:1:2::1", "2001:0db8:0001:0002::2"],
    ["one IPv6 /64 with zeros written and compressed", "2001:db8::1", "2001:db8:0:0:1:2:3:4"],
    ["one IPv6 /64 that is compressed at the start", "::1", "0:0:0:0:1:2:3:4"],
    ["one IPv6 /64 that is compressed at the end", "2001:db8:1::", "2001:db8:1:0::1"],
    ["unknown addresses", "", ""],
  ])("have a common limit: %s", ([, first, second]) => {
    const { countFailure, fail } = createThrottle();
    expect(fail(first, 20)).toEqual(ACCEPTED);
    expect(countFailure(second)).toBe(1);
  });

  test.for<[label: string, first: string, second: string]>([
    ["IPv4", "192.0.2.1", "192.0.2.2"],
    ["IPv4-mapped IPv6", "::ffff:192.0.2.1", "::ffff:192.0.2.2"],
    ["IPv4-mapped IPv6 and another IPv4", "::ffff:192.0.2.1", "192.0.2.2"],
    ["two IPv6 /64", "2001:db8:1:2::1", "2001:db8:1:3::1"],
    ["two IPv6 /64 with the same end", "2001:db8:1::1", "2001:db8:2::1"],
    ["IPv6 with zeros in the middle", "2001:db8:1::1", "2001:db8::1:0:0:0:1"],
    ["IPv6 loopback and IPv4 loopback", "::1", "127.0.0.1"],
    ["an unknown and a known address", "", "192.0.2.1"],
  ])("have separate limits: %s", ([, first, second]) => {
    const { countFailure, fail } = createThrottle();
    fail(first, 21);
    expect(countFailure(second)).toBe(0);
  });
});

describe("memory", () => {
  test("keeps 10,000 addresses", () => {
    const { countFailure, fail } = createThrottle();
    fail("192.0.2.1", 20);
    for (let n = 0; n < 9_999; n += 1) countFailure(getAddress(n));
    expect(countFailure("192.0.2.1")).toBe(1);
  });

  test("evicts the address whose last failure is oldest beyond that", () => {
    const { countFailure, fail } = createThrottle();
    fail("192.0.2.1", 20);
    fail("192.0.2.2", 20);
    for (let n = 0; n < 9_998; n += 1) countFailure(getAddress(n));
    expect(countFailure("192.0.2.1")).toBe(1);
    countFailure(getAddress(9_998));
    expect(countFailure("192.0.2.1")).toBe(1);
    expect(countFailure("192.0.2.2")).toBe(0);
  });
});
