import { afterEach, expect, test, vi } from "vitest";
import { formatHttpDate, parseHttpDate } from "./header-fields.ts";

afterEach(() => vi.unstubAllEnvs());

test("formats a time as the platform does, in every time zone of the process", () => {
  for (const TZ of ["UTC", "America/New_York", "Asia/Kolkata"]) {
    vi.stubEnv("TZ", TZ);
    for (const time of ["2024-02-29T23:59:59.999Z", "2026-01-01T00:00:00.000Z", "1999-12-05T09:08:07.006Z"]) {
      expect(formatHttpDate(time), TZ).toBe(new Date(time).toUTCString());
    }
  }
});

test.for([
  ["IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["the RFC 850 form", "Sunday, 06-Nov-94 08:49:37 GMT"],
  ["the asctime form", "Sun Nov  6 08:49:37 1994"],
] as const)("parses %s in every time zone of the process", ([, date]) => {
  for (const TZ of ["UTC", "America/New_York", "Asia/Kolkata"]) {
    vi.stubEnv("TZ", TZ);
    expect(parseHttpDate(date), TZ).toBe(784_111_777);
  }
});

test.for([
  ["no field", null],
  ["an empty field", ""],
  ["a word", "yesterday"],
  ["an ISO date", "2100-01-01"],
  ["a date without a day of the week", "06 Nov 1994 08:49:37 GMT"],
  ["a date that does not exist", "Thu, 31 Feb 2100 00:00:00 GMT"],
  ["another time zone", "Sun, 06 Nov 1994 08:49:37 GMT+0100"],
  ["a list", "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT"],
] as const)("ignores %s", ([, field]) => {
  expect(parseHttpDate(field)).toBeUndefined();
});
