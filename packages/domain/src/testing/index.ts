export { createInMemoryApiKeyRepository, createInMemoryUserRepository } from "../in-memory.ts";
export { describeUserRepository } from "./describe-user-repository.ts";
export { buildUser, createContext } from "./fixtures.ts";
