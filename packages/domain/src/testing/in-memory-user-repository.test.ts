import { createInMemoryUserRepository, describeUserRepository } from "./index.ts";

describeUserRepository("the in-memory repository", createInMemoryUserRepository);
