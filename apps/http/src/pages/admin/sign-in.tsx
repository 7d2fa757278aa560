import { useEffect, useRef, useState } from "preact/hooks";

interface SignInProps {
  readonly message: string | undefined;
  readonly isConnecting: boolean;
  readonly onSignIn: (key: string) => void;
}

/** The form for an API key. The key is sent to this service only. */
export function SignIn({ message, isConnecting, onSignIn }: SignInProps) {
  const [key, setKey] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), [message]);
  return (
    <form
      class="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isConnecting && key.trim() !== "") onSignIn(key.trim());
      }}
    >
      <p>
        The page offers the actions that the scopes of the key permit. The key stays in this tab until you sign out or
        close it.
      </p>
      {message !== undefined && (
        <p class="notice error" role="alert">
          {message}
        </p>
      )}
      <label for="api-key">API key</label>
      <input
        id="api-key"
        ref={input}
        type="text"
        class="secret"
        value={key}
        onInput={({ currentTarget }) => setKey(currentTarget.value)}
        autoComplete="off"
        autoCapitalize="off"
        spellcheck={false}
      />
      <div class="actions">
        <button type="submit" class="primary">
          {isConnecting ? "Signing in …" : "Sign in"}
        </button>
      </div>
    </form>
  );
}
