import { createHash, randomUUID } from "node:crypto";

export { logLevelSetting, readSettings, SettingsError, tableNameSchema } from "./settings.ts";

/** The options of `createUserService` that Node.js implements: clock, ids and digests. */
export const nodePlatform = {
  now: () => new Date(),
  generateId: (): string => randomUUID(),
  digest: (text: string) => createHash("sha256").update(text).digest("base64url"),
};
