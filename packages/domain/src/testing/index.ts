export { createInMemoryApiKeyRepository, createInMemoryUserRepository } from "../in-memory.ts";
export { describeApiKeyRepository } from "./describe-api-key-repository.ts";
export { describeUserRepository } from "./describe-user-repository.ts";
export { buildApiKey, buildUser, createContext } from "./fixtures.ts";
