export { createInMemoryUserRepository } from "../in-memory-user-repository.ts";
export { describeUserRepository } from "./describe-user-repository.ts";
export { aNewUser } from "./a-new-user.ts";
