import { describeUserRepository } from "../testing/index.ts";
import { createInMemoryUserRepository } from "./in-memory-user-repository.ts";

describeUserRepository("the in-memory repository", createInMemoryUserRepository);
