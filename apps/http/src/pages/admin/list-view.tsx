import type { Status, User } from "@user-management/client";
import { STATUSES } from "@user-management/domain";
import type { useList } from "./use-list.ts";
import { UserList } from "./user-list.tsx";

interface ListViewProps {
  readonly list: ReturnType<typeof useList>;
  /** Whether the scopes permit the list; otherwise only searches have a result. */
  readonly canList: boolean;
  readonly openId: string | undefined;
  readonly onOpen: ((user: User) => void) | undefined;
  readonly onFilter: (status: Status | undefined) => void;
}

/** The users in view with the buttons for the other pages, or the reason why there are none. */
export function ListView({ list, canList, openId, onOpen, onFilter }: ListViewProps) {
  const { users, search, status, nextCursor, earlier, isLoading, message } = list;
  return (
    <section class="list" aria-label="List">
      {canList && (
        <div class="list-bar">
          {search === undefined ? (
            <select
              aria-label="Show"
              value={status ?? ""}
              onChange={(event) => onFilter((event.currentTarget.value || undefined) as Status | undefined)}
            >
              <option value="">All users</option>
              {STATUSES.map((one) => (
                <option key={one} value={one}>
                  {one === "active" ? "Active users" : "Suspended users"}
                </option>
              ))}
            </select>
          ) : (
            <button type="button" onClick={() => onFilter(undefined)}>
              Show all users
            </button>
          )}
          <span role="status" class="muted">
            {isLoading ? "Loading …" : search === undefined ? `Page ${earlier.length + 1}` : describeResult(users?.length)}
          </span>
          {search === undefined && (
            <div class="pages">
              <button type="button" disabled={earlier.length === 0 || isLoading} onClick={() => void list.previous()}>
                Previous
              </button>
              <button type="button" disabled={nextCursor === null || isLoading} onClick={() => void list.next()}>
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
      {users?.length === 0 && <p class="blank">{describeEmpty(search !== undefined, status)}</p>}
    </section>
  );
}

function describeResult(count = 0): string {
  return count === 0 ? "No user found" : "1 user found";
}

function describeEmpty(isSearch: boolean, status: Status | undefined): string {
  if (isSearch) return "No user has this email, id or external id.";
  return status === undefined ? "There are no users yet." : "No user of this page has this status.";
}
