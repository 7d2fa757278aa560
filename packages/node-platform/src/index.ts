import { createHash, randomUUID } from "node:crypto";

export { logLevelSetting, readSettings, SettingsError, tableNameSchema } from "./settings.ts";

/** The clock, ids and digests of Node.js, as `createUserService` takes them. */
export const nodePlatform = {
  now: () => new Date(),
  generateId: (): string => randomUUID(),
  digest: (text: string) => createHash("sha256").update(text).digest("base64url"),
};
