import { setTimeout as delay } from "node:timers/promises";

const FIRST_RATE = 200;
const RATE_INCREASE = 50;
const PERIOD_MS = 1_000;

/** Rows start this much later than planned at most, so that the resolution of timers does not lower the rate. */
const MAX_CREDIT_MS = 20;

export interface RateLimiterOptions {
  /** The maximum number of write units a second. */
  readonly maxWriteUnits: number | undefined;
  /** The current time in milliseconds. */
  readonly now?: () => number;
}

/**
 * Limits the rows that are written to DynamoDB: 200 a second at first, 50 more each second as long as they are used, and
 * half as many after throttling.
 */
export interface RateLimiter {
  /** Waits until a row that consumes these write units may start. */
  readonly acquire: (units: number, signal: AbortSignal) => Promise<void>;
  /** Returns the time after which such a row may start, in milliseconds, and counts it. */
  readonly reserve: (units: number) => number;
  readonly slowDown: () => void;
}

export function createRateLimiter({ maxWriteUnits, now = () => performance.now() }: RateLimiterOptions): RateLimiter {
  let rate = FIRST_RATE;
  let nextRowAt = now();
  let nextUnitAt = nextRowAt;
  let changedAt = nextRowAt;
  let startedRows = 0;
  let slowedAt = Number.NEGATIVE_INFINITY;

  const reserve = (units: number): number => {
    const time = now();
    speedUp(time);
    startedRows += 1;
    const rowAt = Math.max(nextRowAt, time - MAX_CREDIT_MS);
    const unitAt = Math.max(nextUnitAt, time - MAX_CREDIT_MS);
    const startAt = Math.max(rowAt, unitAt);
    nextRowAt = startAt + PERIOD_MS / rate;
    if (maxWriteUnits) nextUnitAt = startAt + (units * PERIOD_MS) / getUnitRate(maxWriteUnits, units);
    return Math.max(startAt - time, 0);
  };
  return {
    reserve,
    async acquire(units, signal) {
      const waitMs = reserve(units);
      if (waitMs > 0) await delay(waitMs, undefined, { signal });
    },
    slowDown() {
      const time = now();
      // The rows of one second are throttled together.
      if (time - slowedAt < PERIOD_MS) return;
      slowedAt = changedAt = time;
      startedRows = 0;
      rate = Math.max(rate / 2, 1);
    },
  };

  function speedUp(time: number): void {
    if (time - changedAt < PERIOD_MS) return;
    if (startedRows >= rate / 2) rate += RATE_INCREASE;
    changedAt = time;
    startedRows = 0;
  }
}

/** Returns the rate with which no second has more units, including the credit and the row at the end of that second. */
function getUnitRate(maxWriteUnits: number, units: number): number {
  return Math.max(maxWriteUnits * (1 - MAX_CREDIT_MS / PERIOD_MS) - units, maxWriteUnits / 2);
}

/** Returns the duration of an import in seconds if nothing is throttled. */
export function estimateDurationS(rows: number, unitsPerRow: number, maxWriteUnits = Number.POSITIVE_INFINITY): number {
  const maxRate = maxWriteUnits / unitsPerRow;
  let seconds = 0;
  for (let rate = FIRST_RATE, left = rows; left > 0; rate += RATE_INCREASE, seconds += 1) {
    if (rate >= maxRate) return Math.ceil(seconds + left / maxRate);
    left -= rate;
  }
  return seconds;
}
