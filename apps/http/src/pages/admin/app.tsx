import { Dialog } from "./dialog.tsx";
import { SignIn } from "./sign-in.tsx";
import { useSession } from "./use-session.ts";
import { Workspace } from "./workspace.tsx";

/** The page: the form for a key, or the workspace of a session, which stays under the form if its key was rejected. */
export function App() {
  const { session, needsKey, isConnecting, message, signIn, signOut, restart } = useSession();
  const form = <SignIn message={message} isConnecting={isConnecting} onSignIn={signIn} />;
  if (session) {
    return (
      <>
        <Workspace session={session} onSignOut={signOut} />
        {needsKey && <Dialog title="Sign in again">{form}</Dialog>}
      </>
    );
  }
  return (
    <main class="start">
      <h1>Users</h1>
      {needsKey ? (
        form
      ) : isConnecting ? (
        <p role="status">Loading …</p>
      ) : (
        <>
          <p class="notice error" role="alert">
            {message}
          </p>
          <button type="button" onClick={restart}>
            Try again
          </button>
        </>
      )}
    </main>
  );
}
