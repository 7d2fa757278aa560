export { createInMemoryApiKeyRepository } from "./access/in-memory-api-key-repository.ts";
export { createInMemoryUserRepository } from "./users/in-memory-user-repository.ts";
