import {
  createApiKeyList,
  createAuthenticator,
  createUserService,
  SCOPES,
  type ApiKeyRepository,
} from "@user-management/domain";
import {
  createContext,
  createInMemoryApiKeyRepository,
  createInMemoryUserRepository,
} from "@user-management/domain/testing";
import { createApp } from "./index.ts";
import {
  createCredentialFactory,
  createTestClient,
  describeAccessContract,
  describeHttpContract,
  type AccessService,
} from "./testing/index.ts";

const digests = new Map<string, string>();

/** Returns a value in the form of a SHA-256 in base64url: a random one for each text. */
function digest(text: string): string {
  const known = digests.get(text);
  if (known !== undefined) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const value = btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace("=", "");
  digests.set(text, value);
  return value;
}

const platform = {
  now: () => new Date(),
  wait: () => Promise.resolve(),
  generateId: () => crypto.randomUUID(),
  randomBytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)),
  digest,
};

/** Starts the app with the authentication of the domain and these API keys. */
function start(keys: ApiKeyRepository = createInMemoryApiKeyRepository()): AccessService {
  const users = createUserService({ users: createInMemoryUserRepository(), ...platform });
  const list = createApiKeyList({
    ...platform,
    load: () => keys.list(createContext()),
    maxAgeMs: 60_000,
    onUse: () => undefined,
    onError: () => undefined,
  });
  const authenticator = createAuthenticator({ mode: "required", keys: list });
  const app = createApp({ users, authenticate: (credential) => authenticator.authenticate(credential) });
  return {
    request: async (path, init) => app.request(path, init),
    createCredential: createCredentialFactory({ ...platform, keys }),
  };
}

describeAccessContract("the app with in-memory API keys", () => start());

describeHttpContract("the app with an API key", async () => {
  const { request, createCredential } = start();
  return createTestClient(request, { credential: await createCredential(SCOPES) });
});
