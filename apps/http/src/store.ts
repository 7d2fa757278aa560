import type { UserRepository } from "@user-management/domain";
import { createSqliteUserRepository, openUsersDatabase } from "@user-management/sqlite-adapter";
import type { Settings } from "./settings.ts";

export interface Store {
  /** What it is, for the person who started the server. */
  readonly name: string;
  readonly users: UserRepository;
  readonly close: () => void;
}

/** Opens the store that the settings name. */
export function openStore({ SQLITE_PATH }: Pick<Settings, "SQLITE_PATH">): Store {
  const database = openUsersDatabase(SQLITE_PATH);
  return {
    name: `SQLite file ${SQLITE_PATH}`,
    users: createSqliteUserRepository({ database }),
    close: () => database.close(),
  };
}
