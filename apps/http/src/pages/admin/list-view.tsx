import type { User } from "@user-management/client";
import { formatCount } from "./export-bar.tsx";
import type { useList } from "./use-list.ts";
import { UserList } from "./user-list.tsx";

interface ListViewProps {
  readonly list: ReturnType<typeof useList>;
  /** Whether the scopes permit the list; otherwise only searches have a result. */
  readonly canList: boolean;
  readonly openId: string | undefined;
  readonly onOpen: ((user: User) => void) | undefined;
}

/** The users in view with the buttons for the other pages, or the reason why there are none. */
export function ListView({ list, canList, openId, onOpen }: ListViewProps) {
  const { users, search, nextCursor, earlier, isLoading, message } = list;
  return (
    <section class="list" aria-label="List">
      {canList && (
        <div class="list-bar">
          {search !== undefined && (
            <button
              type="button"
              onClick={() => {
                void list.reload();
                document.querySelector<HTMLElement>("[type=search]")?.focus();
              }}
            >
              Show all users
            </button>
          )}
          <span role="status" class="muted">
            {isLoading
              ? "Loading …"
              : search === undefined
                ? `Page ${earlier.length + 1}`
                : `${formatCount(users?.length ?? 0)} found`}
          </span>
          {search === undefined && (
            <div class="pages">
              <button type="button" aria-disabled={earlier.length === 0} onClick={list.previous}>
                Previous
              </button>
              <button type="button" aria-disabled={nextCursor === null} onClick={list.next}>
                Next
              </button>
            </div>
          )}
        </div>
      )}
      {message !== undefined && (
        <div class="notice error" role="alert">
          <p>{message}</p>
          {canList && (
            <button type="button" onClick={() => void list.reload()}>
              Try again
            </button>
          )}
        </div>
      )}
      {users && <UserList users={users} isLoading={isLoading} openId={openId} onOpen={onOpen} />}
      {!users && !canList && message === undefined && (
        <p class="blank">The API key does not have the scope users:list. Find a user by email, id or external id.</p>
      )}
      {users?.length === 0 && (
        <p class="blank">
          {search === undefined ? "There are no users yet." : "No user has this email, id or external id."}
        </p>
      )}
    </section>
  );
}
