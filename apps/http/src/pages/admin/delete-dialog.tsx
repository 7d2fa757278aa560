import type { User } from "@user-management/client";
import { useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";
import { formatName } from "./fields.ts";

interface DeleteDialogProps {
  readonly user: User;
  readonly onDelete: () => void;
  readonly onCancel: () => void;
}

/** Confirms a deletion by the email of the user, or by the id of a legacy user without one. */
export function DeleteDialog({ user, onDelete, onCancel }: DeleteDialogProps) {
  const [text, setText] = useState("");
  const { email, user_id } = user;
  const isConfirmed = text.trim().toLowerCase() === (email ?? user_id).toLowerCase();
  return (
    <Dialog title="Delete user" onCancel={onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isConfirmed) onDelete();
        }}
      >
        <p>
          {formatName(user)} will be deleted. This cannot be undone. To confirm, type{" "}
          <strong>{email ?? user_id}</strong>.
        </p>
        <label for="confirmation">{email === undefined ? "Id of the user" : "Email of the user"}</label>
        <input
          id="confirmation"
          value={text}
          autoComplete="off"
          autoCapitalize="off"
          spellcheck={false}
          // The dialog moves the focus here.
          autoFocus
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <div class="actions">
          <button type="submit" class="danger" disabled={!isConfirmed}>
            Delete
          </button>
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
