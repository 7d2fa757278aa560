import { useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";
import { toLabel } from "./fields.ts";
import type { Conflict } from "./use-user.ts";
import { listChanges, toValues, type Values } from "./values.ts";

interface ConflictDialogProps {
  readonly conflict: Conflict;
  readonly onResolve: (chosen: Values) => void;
  readonly onCancel: () => void;
}

/**
 * Shows the fields in which the version of the operator and the newer stored one differ, and saves the choice for each.
 * At first, what only one side has changed is chosen.
 */
export function ConflictDialog({ conflict: { base, wanted, newer }, onResolve, onCancel }: ConflictDialogProps) {
  const stored = toValues(newer.user);
  const keys = listChanges(stored, wanted);
  const changed = listChanges(base, wanted);
  const [kept, setKept] = useState(() => keys.filter((key) => changed.includes(key)));

  function resolve() {
    const chosen: Record<string, string> = { ...stored };
    for (const key of kept) {
      if (wanted[key] === undefined) delete chosen[key];
      else chosen[key] = wanted[key];
    }
    onResolve(chosen);
  }

  return (
    <Dialog title="This user has changed" onCancel={onCancel} isWide>
      <p>Another version was saved after you opened this user. Choose a version for each field that differs.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          resolve();
        }}
      >
        {keys.map((key) => (
          <fieldset key={key} class="choice">
            <legend>{toLabel(key)}</legend>
            <div class="versions">
              {[true, false].map((isMine) => (
                <label key={String(isMine)}>
                  <input
                    type="radio"
                    name={key}
                    checked={kept.includes(key) === isMine}
                    onChange={() => setKept(isMine ? [...kept, key] : kept.filter((other) => other !== key))}
                  />
                  <span>
                    <small>{isMine ? "Your version" : "Stored version"}</small>
                    <span>{(isMine ? wanted : stored)[key] ?? <em>not set</em>}</span>
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
        ))}
        <div class="actions">
          <button type="submit" class="primary">
            Save
          </button>
          <button type="button" onClick={onCancel}>
            Keep editing
          </button>
        </div>
      </form>
    </Dialog>
  );
}
