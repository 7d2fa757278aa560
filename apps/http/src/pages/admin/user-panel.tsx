import type { User } from "@user-management/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { ConflictDialog } from "./conflict-dialog.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { readDraft, validateNames } from "./draft.ts";
import type { Failure } from "./failure.ts";
import { formatName, isSuspended } from "./fields.ts";
import { PanelTitle } from "./panel-title.tsx";
import type { Session } from "./session.ts";
import { UserFacts } from "./user-facts.tsx";
import { UserForm } from "./user-form.tsx";
import { useUser } from "./use-user.ts";
import { listChanges, toValues } from "./values.ts";

interface UserPanelProps {
  readonly session: Session;
  readonly id: string;
  readonly onStored: (user: User) => void;
  readonly onSaved: (message: string) => void;
  readonly onDeleted: () => void;
  readonly onUnsaved: (isUnsaved: boolean) => void;
  readonly onClose: () => void;
}

/** A user with all of its fields, to edit in place. */
export function UserPanel({ session, id, onStored, onSaved, onDeleted, onUnsaved, onClose }: UserPanelProps) {
  const { stored, draft, failure, conflict, isBusy, ...user } = useUser({
    users: session.users,
    id,
    onStored,
    onSaved,
  });
  const [isDeleting, setDeleting] = useState(false);
  const [invalid, setInvalid] = useState<Failure>();
  const heading = useRef<HTMLHeadingElement>(null);
  const canWrite = session.scopes.has("users:write");
  const base = stored && toValues(stored.user);
  const values = base && draft && { ...readDraft(draft), status: base["status"]! };
  const isChanged = base !== undefined && values !== undefined && listChanges(base, values).length > 0;

  useEffect(() => heading.current?.focus(), [stored !== undefined]);
  useEffect(() => onUnsaved(isChanged), [isChanged]);

  function save() {
    const repeated = validateNames(draft!);
    setInvalid(repeated);
    if (repeated) return;
    if (isChanged) user.save(values, "User saved.");
    else onSaved("There are no changes.");
  }

  if (!stored || !draft || !base || !values) {
    return (
      <section class="panel" aria-labelledby="panel-title">
        <PanelTitle title={isBusy ? "Loading …" : "User"} onClose={onClose} />
        {failure && (
          <div class="notice error" role="alert">
            <p>{failure.message}</p>
            <button type="button" onClick={() => void user.load()}>
              Try again
            </button>
          </div>
        )}
      </section>
    );
  }

  const suspended = isSuspended(stored.user);
  const changeStatus = () =>
    user.save(
      { ...base, status: suspended ? "active" : "suspended" },
      suspended ? "User reactivated." : "User suspended.",
    );
  return (
    <section class="panel" aria-labelledby="panel-title">
      <PanelTitle title={formatName(stored.user)} headingRef={heading} onClose={onClose} />
      <UserFacts user={stored.user} />
      <form
        noValidate
        aria-busy={isBusy}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <UserForm draft={draft} onChange={user.setDraft} failure={invalid ?? failure} isReadOnly={!canWrite} />
        <div class="actions">
          {canWrite && (
            <button type="submit" class="primary">
              {isBusy ? "Saving …" : "Save"}
            </button>
          )}
          {canWrite && (
            <button type="button" onClick={changeStatus}>
              {suspended ? "Reactivate" : "Suspend"}
            </button>
          )}
          {session.scopes.has("users:delete") && (
            <button type="button" class="danger" onClick={() => setDeleting(true)}>
              Delete
            </button>
          )}
          {isChanged && <span class="unsaved">Unsaved changes</span>}
        </div>
      </form>
      {conflict && <ConflictDialog conflict={conflict} onResolve={user.resolve} onCancel={user.dismiss} />}
      {isDeleting && (
        <DeleteDialog
          user={stored.user}
          onCancel={() => setDeleting(false)}
          onDelete={() => {
            setDeleting(false);
            void user.remove(() => {
              onDeleted();
              return {};
            });
          }}
        />
      )}
    </section>
  );
}
