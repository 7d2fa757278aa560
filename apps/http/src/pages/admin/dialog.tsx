import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface DialogProps {
  readonly title: string;
  /** Called on Escape. Without it the dialog stays. */
  readonly onCancel?: (() => void) | undefined;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}

/**
 * A modal dialog with its title as name. The browser moves the focus into it, keeps it there, and returns it to the
 * element that had it before.
 */
export function Dialog({ title, onCancel, isWide = false, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-label={title}
      class={isWide ? "wide" : ""}
      onCancel={(event) => {
        event.preventDefault();
        onCancel?.();
      }}
      // Chromium closes a dialog at the second Escape even if the first was prevented.
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onCancel?.();
      }}
    >
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}
