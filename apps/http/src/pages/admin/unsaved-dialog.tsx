import { Dialog } from "./dialog.tsx";

interface UnsavedDialogProps {
  readonly onKeep: () => void;
  readonly onDiscard: () => void;
}

/** Confirms an action that loses what was typed. */
export function UnsavedDialog({ onKeep, onDiscard }: UnsavedDialogProps) {
  return (
    <Dialog title="Unsaved changes" onCancel={onKeep}>
      <p>The changes are not saved yet.</p>
      <div class="actions">
        <button type="button" class="primary" onClick={onKeep}>
          Keep editing
        </button>
        <button type="button" onClick={onDiscard}>
          Discard changes
        </button>
      </div>
    </Dialog>
  );
}
