import { describeApiKeyRepository } from "../testing/index.ts";
import { createInMemoryApiKeyRepository } from "./in-memory-api-key-repository.ts";

describeApiKeyRepository("the in-memory repository of API keys", createInMemoryApiKeyRepository);
