import { useEffect, useRef } from "preact/hooks";
import type { Route } from "./use-route.ts";

/** Moves the focus back to the row of the user that was closed, or to the button of a new one. */
export function useFocusReturn(openId: string | undefined, kind: Route["kind"]): void {
  const previous = useRef({ openId, kind });
  useEffect(() => {
    const { openId: closedId, kind: closedKind } = previous.current;
    previous.current = { openId, kind };
    // A search keeps the focus.
    if (kind !== "list" || closedKind === "list" || document.activeElement !== document.body) return;
    const row =
      closedId === undefined ? null : document.querySelector<HTMLElement>(`[data-user="${CSS.escape(closedId)}"]`);
    const others = document.querySelector<HTMLElement>(closedKind === "new" ? "[data-new]" : "[type=search]");
    (row ?? others)?.focus();
  }, [openId, kind]);
}
