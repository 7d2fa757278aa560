import { ApiError } from "@user-management/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { describeFailure } from "./failure.ts";
import { connect, type Session } from "./session.ts";

/** The name of the key in the storage of the tab: it survives a reload, and is gone when the tab is closed. */
const STORED_KEY = "user-management-key";

export interface SessionState {
  /** The last session; it stays after its key was rejected, so that nothing that was typed is lost. */
  readonly session?: Session;
  /** Whether a key is needed before anything else. */
  readonly needsKey: boolean;
  readonly isConnecting: boolean;
  readonly message?: string | undefined;
}

/** Manages the session: it begins without a key, or with that of the tab, and drops the key after a 401. */
export function useSession() {
  const [state, setState] = useState<SessionState>({ needsKey: false, isConnecting: true });
  // A response to a request of an earlier session must not end the current one.
  const generation = useRef(0);

  async function start(key: string | undefined): Promise<void> {
    generation.current += 1;
    const current = generation.current;
    setState((previous) => ({ ...previous, isConnecting: true, message: undefined }));
    const onUnauthenticated = () => {
      if (current !== generation.current) return;
      sessionStorage.removeItem(STORED_KEY);
      const reason = key === undefined ? "The service now requires an API key." : "The API key is no longer valid.";
      const message = `${reason} Everything you have typed is kept.`;
      setState((previous) => ({ ...previous, needsKey: true, message }));
    };
    try {
      const session = await connect(key, onUnauthenticated);
      if (key !== undefined) sessionStorage.setItem(STORED_KEY, key);
      setState({ session, needsKey: false, isConnecting: false });
    } catch (error) {
      if (current === generation.current) handleFailure(error, key);
    }
  }

  function handleFailure(error: unknown, key: string | undefined): void {
    const isRejected = error instanceof ApiError && error.status === 401;
    if (isRejected && key !== undefined && key === sessionStorage.getItem(STORED_KEY)) {
      // The server may accept requests without a key, as after its restart with another database.
      sessionStorage.removeItem(STORED_KEY);
      void start(undefined);
      return;
    }
    // The key of the tab may still be valid when the service is available again.
    const isTyped = key !== undefined && key !== sessionStorage.getItem(STORED_KEY);
    const needsKey = isRejected || isTyped;
    const message = isRejected && key === undefined ? undefined : describeConnection(error);
    setState((previous) => ({ ...previous, needsKey, isConnecting: false, message }));
  }

  function signOut(): void {
    generation.current += 1;
    sessionStorage.removeItem(STORED_KEY);
    setState({ needsKey: true, isConnecting: false });
  }

  const restart = () => void start(sessionStorage.getItem(STORED_KEY) ?? undefined);
  useEffect(restart, []);
  return { ...state, signIn: (key: string) => void start(key), signOut, restart };
}

function describeConnection(error: unknown): string {
  if (!(error instanceof TypeError)) return describeFailure(error).message;
  return isSecureContext
    ? "An API key consists of umk_ and 49 letters and digits."
    : "A key is sent over https only, because others in the network could read it. Open this page over https.";
}
