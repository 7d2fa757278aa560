import type { UsersClient } from "@user-management/client";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { readDraft, toDraft, validateNames } from "./draft.ts";
import { describeWriteFailure, type Failure } from "./failure.ts";
import { createKey } from "./idempotency-key.ts";
import { PanelTitle } from "./panel-title.tsx";
import { UserForm } from "./user-form.tsx";
import { toNewUser } from "./values.ts";

interface NewUserProps {
  readonly users: UsersClient;
  readonly onCreated: (id: string) => void;
  readonly onUnsaved: (isUnsaved: boolean) => void;
  readonly onClose: () => void;
}

/** The form of a new user. All of its attempts have one idempotency key, so that they create one user. */
export function NewUser({ users, onCreated, onUnsaved, onClose }: NewUserProps) {
  const [draft, setDraft] = useState(() => toDraft({}));
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);
  const isSending = useRef(false);
  const idempotencyKey = useMemo(createKey, []);
  const isChanged = Object.keys(readDraft(draft)).length > 0;
  useEffect(() => onUnsaved(isChanged), [isChanged]);
  useEffect(() => document.getElementById("lastname")?.focus(), []);

  async function create() {
    if (isSending.current) return;
    const invalid = validateNames(draft);
    setFailure(invalid);
    if (invalid) return;
    isSending.current = true;
    setBusy(true);
    try {
      const { user_id } = await users.create(toNewUser(readDraft(draft)), { idempotencyKey });
      onCreated(user_id);
    } catch (error) {
      setFailure(describeWriteFailure(error));
    }
    isSending.current = false;
    setBusy(false);
  }

  return (
    <section class="panel" aria-labelledby="panel-title">
      <PanelTitle title="New user" onClose={onClose} />
      <form
        noValidate
        aria-busy={isBusy}
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <UserForm draft={draft} onChange={setDraft} failure={failure} isReadOnly={false} />
        <div class="actions">
          <button type="submit" class="primary">
            {isBusy ? "Saving …" : "Save"}
          </button>
        </div>
      </form>
    </section>
  );
}
