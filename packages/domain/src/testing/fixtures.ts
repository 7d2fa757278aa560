import { toApiKeyId } from "../access/api-key.ts";
import {
  ANONYMOUS_CALLER,
  EXAMPLE_FIELDS,
  type ApiKeyRecord,
  type ApiKeyRepository,
  type NewUser,
  type RequestContext,
  type UserRepository,
} from "../index.ts";

/** Creates an empty repository. Vitest's `onTestFinished` closes the resources that it opens. */
export type CreateRepository = () => UserRepository | Promise<UserRepository>;

/** Creates an empty repository. Vitest's `onTestFinished` closes the resources that it opens. */
export type CreateApiKeyRepository = () => ApiKeyRepository | Promise<ApiKeyRepository>;

let userCount = 0;
let apiKeyCount = 0;
let requestCount = 0;

/** Builds a valid user with a unique id and a unique email. Consecutive ids are in no order. */
export function buildUser(fields: Partial<NewUser> = {}): NewUser {
  userCount += 1;
  const prefix = scatter(userCount);
  return {
    user_id: `${prefix}-0000-4000-8000-${userCount.toString(16).padStart(12, "0")}`,
    ...EXAMPLE_FIELDS,
    email: `user.${userCount}@example.com`,
    version: 1,
    created_at: "2026-01-02T03:04:05.678Z",
    updated_at: "2026-01-02T03:04:05.678Z",
    ...fields,
  };
}

/** Builds the record of an active API key with a unique digest and its id. Consecutive ids are in no order. */
export function buildApiKey(overrides: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  apiKeyCount += 1;
  const digest = scatter(apiKeyCount).padEnd(SHA256_BASE64URL_LENGTH, "A");
  return {
    id: toApiKeyId(digest),
    digest,
    name: "billing",
    scopes: ["users:read", "users:write"],
    created_at: "2026-01-02T03:04:05.678Z",
    ...overrides,
  };
}

const SHA256_BASE64URL_LENGTH = 43;

/** Returns 8 hexadecimal digits, unique for each count. 0x9e3779b1 is a prime near 2^32 divided by the golden ratio. */
function scatter(count: number): string {
  return ((count * 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
}

/** Creates the context of a new request. Its signal never aborts. */
export function createContext(overrides: Partial<RequestContext> = {}): RequestContext {
  return { ...createAbortableContext().context, ...overrides };
}

/** The platform's `AbortController`. This package is compiled without the types of any platform. */
declare const AbortController: new () => { readonly signal: RequestContext["signal"]; abort(): void };

/** Creates the context of a new request, and the function that aborts its signal. */
export function createAbortableContext(): { context: RequestContext; abort: () => void } {
  requestCount += 1;
  const controller = new AbortController();
  return {
    context: { requestId: `request-${requestCount}`, caller: ANONYMOUS_CALLER, signal: controller.signal },
    abort: () => controller.abort(),
  };
}

/** Creates the context of a request whose signal has aborted. */
export function createAbortedContext(): RequestContext {
  const { context, abort } = createAbortableContext();
  abort();
  return context;
}
