import { hash, randomBytes, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

export { accessSettings, listSchema, toTokenSettings, type TokenSettings } from "./access-settings.ts";
export { logLevelSetting, readSettings, SettingsError, storeSettings, tableNameSchema } from "./settings.ts";

/** The options of the domain's services that Node.js implements: clock, timer, ids, random bytes and digests. */
export const nodePlatform = {
  now: () => new Date(),
  wait: (durationMs: number) => wait(durationMs),
  generateId: (): string => randomUUID(),
  randomBytes: (count: number): Uint8Array => randomBytes(count),
  digest: (text: string) => hash("sha256", text, "base64url"),
};
