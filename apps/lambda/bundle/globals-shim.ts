/**
 * Replaces global objects in the bundle, as far as the code uses them. The first use of the platform's objects loads
 * modules that take longer than the initialization of the app.
 */
import { randomUUID } from "node:crypto";

export const crypto = { randomUUID };

export const performance = {
  now(): number {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
};
