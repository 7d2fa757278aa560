import { describeUserRepository } from "@user-management/domain/testing";
import { createSqliteUserRepository } from "./index.ts";
import { temporaryDatabase } from "./testing/temporary-database.ts";

describeUserRepository("the SQLite repository", () => createSqliteUserRepository({ database: temporaryDatabase() }));
