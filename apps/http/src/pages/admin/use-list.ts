import type { User, UserPage, UsersClient } from "@user-management/client";
import { useRef, useState } from "preact/hooks";
import { describeFailure } from "./failure.ts";
import { findUser } from "./find-user.ts";
import { PAGE_SIZE, type Session } from "./session.ts";

export interface ListState {
  /** The users in view; `undefined` before the first page. */
  readonly users: readonly User[] | undefined;
  readonly nextCursor: string | null;
  /** The cursors of the pages before this one; that of the first page is `undefined`. */
  readonly earlier: readonly (string | undefined)[];
  readonly cursor: string | undefined;
  /** The text that was searched for; `undefined` if the view is a page. */
  readonly search: string | undefined;
  readonly isLoading: boolean;
  readonly message: string | undefined;
}

const EMPTY: ListState = {
  users: undefined,
  nextCursor: null,
  earlier: [],
  cursor: undefined,
  search: undefined,
  isLoading: false,
  message: undefined,
};

/** Manages the users in view: a page of the list, or the user that a search has found. A view is one request. */
export function useList({ users: client, firstPage }: Session) {
  const [state, setState] = useState<ListState>({
    ...EMPTY,
    users: firstPage?.users,
    nextCursor: firstPage?.next_cursor ?? null,
  });
  // Only the response to the last request is shown.
  const controller = useRef<AbortController | undefined>(undefined);

  async function run(wanted: Partial<ListState>, request: (signal: AbortSignal) => Promise<Partial<ListState>>) {
    controller.current?.abort();
    const { signal } = (controller.current = new AbortController());
    setState((previous) => ({ ...previous, isLoading: true, message: undefined }));
    try {
      const result = await request(signal);
      if (!signal.aborted) setState((previous) => ({ ...previous, ...wanted, ...result, isLoading: false }));
    } catch (error) {
      if (signal.aborted) return;
      const { message } = describeFailure(error);
      setState((previous) => ({ ...previous, isLoading: false, message }));
    }
  }

  const loadPage = (wanted: Pick<ListState, "cursor" | "earlier">) =>
    run({ ...wanted, search: undefined }, async (signal) => {
      const { users, next_cursor } = await requestPage(client, wanted.cursor, signal);
      return { users, nextCursor: next_cursor };
    });

  const { cursor, earlier, nextCursor } = state;
  return {
    ...state,
    reload: () => loadPage({ cursor, earlier }),
    // The buttons stay focusable, so they may be pressed without effect.
    next: () => {
      if (nextCursor !== null && !state.isLoading) void loadPage({ cursor: nextCursor, earlier: [...earlier, cursor] });
    },
    previous: () => {
      if (earlier.length > 0 && !state.isLoading) {
        void loadPage({ cursor: earlier.at(-1), earlier: earlier.slice(0, -1) });
      }
    },
    /** Finds a user, and returns it to the callback. */
    find: (text: string, onFound: (user: User) => void) =>
      run({ search: text, nextCursor: null }, async (signal) => {
        const user = await findUser(client, text, signal);
        if (user && !signal.aborted) onFound(user);
        return { users: user ? [user] : [] };
      }),
    /** Shows a stored user without a request, as the first one if it is new. */
    show: (user: User) =>
      setState(({ users = [], ...previous }) => {
        const isShown = users.some(({ user_id }) => user_id === user.user_id);
        const others = users.map((other) => (other.user_id === user.user_id ? user : other));
        return { ...previous, users: isShown ? others : [user, ...users] };
      }),
    remove: (id: string) =>
      setState(({ users = [], ...previous }) => ({
        ...previous,
        users: users.filter(({ user_id }) => user_id !== id),
      })),
  };
}

async function requestPage(client: UsersClient, cursor: string | undefined, signal: AbortSignal): Promise<UserPage> {
  const options = { pageSize: PAGE_SIZE, view: "full", signal, ...(cursor !== undefined && { cursor }) } as const;
  const { value } = await client.pages(options).next();
  return value ?? { users: [], next_cursor: null };
}
