export { createInMemoryUserRepository } from "../users/in-memory-user-repository.ts";
export { describeUserRepository } from "./describe-user-repository.ts";
export { buildUser, createContext } from "./fixtures.ts";
