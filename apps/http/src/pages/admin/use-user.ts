import { ApiError, type User, type UsersClient } from "@user-management/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { readDraft, toDraft, type Draft } from "./draft.ts";
import { describeFailure, describeWriteFailure, type Failure } from "./failure.ts";
import { listChanges, rebase, toUpdate, toValues, type Values } from "./values.ts";

/** A user as it was loaded. Every write requires that it still has the entity tag. */
export interface Stored {
  readonly user: User;
  readonly etag: string;
}

/** A save of values that met a newer version of the user. */
export interface Conflict {
  readonly base: Values;
  readonly wanted: Values;
  readonly newer: Stored;
}

interface UserState {
  readonly stored?: Stored;
  readonly draft?: Draft;
  readonly failure?: Failure | undefined;
  readonly conflict?: Conflict | undefined;
  readonly isBusy: boolean;
}

interface UseUserOptions {
  readonly users: UsersClient;
  readonly id: string;
  /** Called with every version that is loaded. */
  readonly onStored: (user: User) => void;
  /** Called with the message of a success, and with an empty one before the next attempt, so that it is announced again. */
  readonly onSaved: (message: string) => void;
}

/** Loads a user and saves changes of it. No save overwrites a version that was not loaded. */
export function useUser({ users, id, onStored, onSaved }: UseUserOptions) {
  const [state, setState] = useState<UserState>({ isBusy: true });
  const isBusy = useRef(false);
  const { stored, draft, conflict } = state;

  /** Runs one operation at a time: a second click changes nothing. */
  async function run(operation: () => Promise<Partial<UserState>>, describe = describeWriteFailure): Promise<void> {
    if (isBusy.current) return;
    isBusy.current = true;
    if (state.stored) onSaved("");
    setState((previous) => ({ ...previous, isBusy: true, failure: undefined, conflict: undefined }));
    let result: Partial<UserState>;
    try {
      result = await operation();
    } catch (error) {
      result = { failure: describe(error) };
    }
    isBusy.current = false;
    setState((previous) => ({ ...previous, ...result, isBusy: false }));
  }

  const load = () =>
    run(async () => {
      const loaded = await get();
      return { stored: loaded, draft: toDraft(toValues(loaded.user)) };
    }, describeFailure);

  async function get(): Promise<Stored> {
    const loaded = await users.get(id, { view: "full" });
    if (!loaded) throw new ApiError("not-found", "No user has this id.");
    onStored(loaded.user);
    return loaded;
  }

  /** Returns the state after a version was stored: what was typed since then stays typed. */
  function accept(newer: Stored, saved: Values): Partial<UserState> {
    setState((previous) => ({
      ...previous,
      stored: newer,
      draft: toDraft(rebase(saved, readDraft(previous.draft!), toValues(newer.user))),
    }));
    return {};
  }

  /**
   * Saves values and loads them as they are stored. If that fails after the save, so that its outcome is unknown, the
   * next attempt finds that the stored version has these values.
   */
  async function save(base: Stored, wanted: Values, message: string): Promise<Partial<UserState>> {
    const baseValues = toValues(base.user);
    let isStale = false;
    try {
      await users.update(id, toUpdate(baseValues, wanted), { ifMatch: base.etag });
    } catch (error) {
      if (!isStaleVersion(error)) throw error;
      isStale = true;
    }
    const newer = await get();
    const newerValues = toValues(newer.user);
    if (isStale && listChanges(rebase(baseValues, wanted, newerValues), newerValues).length > 0) {
      return { conflict: { base: baseValues, wanted, newer } };
    }
    onSaved(message);
    return accept(newer, wanted);
  }

  useEffect(() => void load(), [id]);
  return {
    ...state,
    load,
    setDraft: (newDraft: Draft) => setState((previous) => ({ ...previous, draft: newDraft })),
    save: (wanted: Values, message: string) => void run(() => save(stored!, wanted, message)),
    /** Saves the values that were chosen in a conflict. */
    resolve: (chosen: Values) => {
      const { newer, wanted } = conflict!;
      const typed = rebase(wanted, readDraft(draft!), chosen);
      setState((previous) => ({ ...previous, stored: newer, draft: toDraft(typed) }));
      void run(async () => {
        if (listChanges(toValues(newer.user), chosen).length > 0) return save(newer, chosen, "User saved.");
        return accept(newer, chosen);
      });
    },
    dismiss: () => setState((previous) => ({ ...previous, conflict: undefined })),
    remove: (onRemoved: () => Partial<UserState>) =>
      run(async () => {
        try {
          await users.delete(id, { ifMatch: stored!.etag });
        } catch (error) {
          // An attempt without a response may have been applied.
          if (error instanceof ApiError && error.type === "not-found") return onRemoved();
          if (!isStaleVersion(error)) throw error;
          const newer = await get();
          accept(newer, toValues(stored!.user));
          const message = "This user has changed and was not deleted. The current version is shown.";
          return { failure: { message, fields: {} } };
        }
        return onRemoved();
      }),
  };
}

function isStaleVersion(error: unknown): boolean {
  return error instanceof ApiError && error.type === "stale-version";
}
