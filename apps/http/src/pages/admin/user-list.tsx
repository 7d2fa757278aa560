import type { User } from "@user-management/client";
import { formatName, formatTime, isSuspended } from "./fields.ts";
import { formatRoute } from "./use-route.ts";

interface UserListProps {
  readonly users: readonly User[];
  readonly isLoading: boolean;
  /** The id of the user that is open. */
  readonly openId: string | undefined;
  /** Opens a user; `undefined` without the scope for it. */
  readonly onOpen: ((user: User) => void) | undefined;
}

const COLUMNS = ["Name", "Email", "Phone number", "Status", "Last change"];

/** The users in view. The roles are explicit because the rows become cards on a narrow screen. */
export function UserList({ users, isLoading, openId, onOpen }: UserListProps) {
  return (
    <table role="table" aria-label="Users" aria-busy={isLoading}>
      <thead role="rowgroup">
        <tr role="row">
          {COLUMNS.map((column) => (
            <th key={column} role="columnheader" scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {users.map((user) => (
          <tr
            key={user.user_id}
            role="row"
            class={user.user_id === openId ? "open" : ""}
            onClick={(event) => {
              // With a key, the browser opens the link of the row elsewhere; and the end of a selection is no click.
              if (!onOpen || event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection()) !== "") return;
              event.preventDefault();
              onOpen(user);
            }}
          >
            <th role="rowheader" scope="row">
              {onOpen ? (
                <a
                  href={formatRoute({ kind: "user", id: user.user_id })}
                  data-user={user.user_id}
                  aria-current={user.user_id === openId ? "true" : undefined}
                >
                  {formatName(user)}
                </a>
              ) : (
                formatName(user)
              )}
            </th>
            <td role="cell" data-label="Email">
              {user.email ?? "—"}
            </td>
            <td role="cell" data-label="Phone number">
              {user.phone_number ?? "—"}
            </td>
            <td role="cell" data-label="Status">
              <span class={isSuspended(user) ? "status suspended" : "status"}>
                {isSuspended(user) ? "Suspended" : "Active"}
              </span>
            </td>
            <td role="cell" data-label="Last change">
              <time dateTime={user.updated_at}>{formatTime(user.updated_at)}</time>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
