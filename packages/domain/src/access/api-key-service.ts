import { UserError } from "../errors.ts";
import type { RequestContext } from "../request-context.ts";
import { generateApiKey, getApiKeyState, MAX_API_KEYS, toApiKeyId, type ApiKeyRecord } from "./api-key.ts";
import type { ApiKeyRepository } from "./api-key-repository.ts";
import type { Scope } from "./caller.ts";

export interface NewApiKey {
  /** A value of `apiKeyNameSchema`. */
  readonly name: string;
  /** A value of `apiKeyScopesSchema`. */
  readonly scopes: readonly Scope[];
  /** The time from which the key is rejected, ISO 8601 in UTC with milliseconds. Without it the key never expires. */
  readonly expires_at?: string | undefined;
}

/** A created key: the only time at which the key itself is known. */
export interface CreatedApiKey {
  readonly key: string;
  readonly record: ApiKeyRecord;
}

/** The use cases of operators who manage API keys. Each of them may throw {@link UserError} `unavailable`. */
export interface ApiKeyService {
  /**
   * Creates a key. If {@link MAX_API_KEYS} keys are stored, the expired or revoked key that was created first is deleted.
   *
   * @throws UserError `unavailable` also if all of them are active
   */
  create(key: NewApiKey, context: RequestContext): Promise<CreatedApiKey>;
  /** Returns every key, in the order of creation. */
  list(context: RequestContext): Promise<ApiKeyRecord[]>;
  /**
   * Creates a key with the name, scopes and lifetime of another one, which expires after the overlap.
   *
   * @param overlapMs the time for which both keys are valid, in milliseconds
   * @throws UserError `not-found`: no such key, or it is revoked
   */
  rotate(
    id: string,
    overlapMs: number,
    context: RequestContext,
  ): Promise<CreatedApiKey & { readonly previous: ApiKeyRecord }>;
  /**
   * Revokes a key and returns it. It stays stored, so that the service does not become unauthenticated again.
   *
   * @throws UserError `not-found`: no such key
   */
  revoke(id: string, context: RequestContext): Promise<ApiKeyRecord>;
}

export interface ApiKeyServiceOptions {
  readonly keys: ApiKeyRepository;
  readonly now: () => Date;
  /** Returns the SHA-256 of a text in base64url without padding. */
  readonly digest: (text: string) => string;
  /** Returns that many bytes of a cryptographically secure generator. */
  readonly randomBytes: (count: number) => Uint8Array;
}

export function createApiKeyService({ keys, now, digest, randomBytes }: ApiKeyServiceOptions): ApiKeyService {
  return {
    create: (key, context) => insertKey(key, undefined, context),

    list: (context) => keys.list(context),

    async rotate(id, overlapMs, context) {
      const old = (await keys.list(context)).find((key) => key.id === id);
      if (!old) throw new UserError("not-found", { message: "No API key has this id." });
      if (old.revoked_at !== undefined) throw new UserError("not-found", { message: "The API key is revoked." });
      const { name, scopes, created_at, expires_at } = old;
      const timeMs = now().getTime();
      const lifetimeMs = expires_at === undefined ? undefined : Date.parse(expires_at) - Date.parse(created_at);
      const newExpiry = lifetimeMs === undefined ? undefined : formatTime(timeMs + lifetimeMs);
      const created = await insertKey({ name, scopes, expires_at: newExpiry }, id, context);
      const previous = await keys.limitExpiry(id, formatTime(timeMs + overlapMs), context);
      return { ...created, previous };
    },

    revoke: (id, context) => keys.revoke(id, now().toISOString(), context),
  };

  /** Creates a key without deleting the key that it replaces. */
  async function insertKey(
    { name, scopes, expires_at }: NewApiKey,
    replacedId: string | undefined,
    context: RequestContext,
  ): Promise<CreatedApiKey> {
    const created_at = now().toISOString();
    await makeRoom(created_at, replacedId, context);
    const key = generateApiKey(randomBytes);
    const keyDigest = digest(key);
    const record: ApiKeyRecord = {
      id: toApiKeyId(keyDigest),
      digest: keyDigest,
      name,
      scopes,
      created_at,
      ...(expires_at !== undefined && { expires_at }),
    };
    await keys.insert(record, context);
    return { key, record };
  }

  async function makeRoom(time: string, replacedId: string | undefined, context: RequestContext): Promise<void> {
    const stored = await keys.list(context);
    if (stored.length < MAX_API_KEYS) return;
    const ended = stored.find((key) => key.id !== replacedId && getApiKeyState(key, time) !== "active");
    if (!ended)
      throw new UserError("unavailable", { message: `${MAX_API_KEYS} active API keys are stored, the maximum.` });
    await keys.delete(ended.id, context);
  }
}

/** The last time that ISO 8601 represents with a year of four digits. */
const MAX_TIME_MS = Date.parse("9999-12-31T23:59:59.999Z");

function formatTime(timeMs: number): string {
  return new Date(Math.min(timeMs, MAX_TIME_MS)).toISOString();
}
