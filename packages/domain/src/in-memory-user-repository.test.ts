import { createInMemoryUserRepository } from "./in-memory-user-repository.ts";
import { describeUserRepository } from "./testing/index.ts";

describeUserRepository("the in-memory repository", createInMemoryUserRepository);
