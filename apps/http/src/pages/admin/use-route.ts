import { useEffect, useRef, useState } from "preact/hooks";

/** The part of the page beside the list, as in the fragment of the address: nothing, a new user, or a user. */
export type Route = { readonly kind: "list" | "new" } | { readonly kind: "user"; readonly id: string };

export function formatRoute(route: Route): string {
  return route.kind === "user" ? `#user/${encodeURIComponent(route.id)}` : `#${route.kind === "new" ? "new" : ""}`;
}

function parseRoute(fragment: string): Route {
  const [, id] = /^#user\/(.+)$/.exec(fragment) ?? [];
  if (id === undefined) return { kind: fragment === "#new" ? "new" : "list" };
  try {
    return { kind: "user", id: decodeURIComponent(id) };
  } catch {
    return { kind: "list" };
  }
}

/**
 * Keeps the route in the address, so that a reload, a bookmark and the buttons of the browser work. While there are
 * unsaved changes, a change of the route waits for a decision, and so does leaving the page.
 */
export function useRoute() {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  const [pending, setPending] = useState<() => void>();
  const unsaved = useRef(false);
  const current = useRef(route);

  const apply = (next: Route) => {
    unsaved.current = false;
    setPending(undefined);
    current.current = next;
    setRoute(next);
  };
  const push = (next: Route) => {
    history.pushState(undefined, "", formatRoute(next));
    apply(next);
  };
  /** Runs an action that loses what was typed: at once, or after it was confirmed. */
  const leave = (action: () => void) => {
    if (unsaved.current) setPending(() => action);
    else action();
  };

  useEffect(() => {
    const onPopState = () => {
      const next = parseRoute(location.hash);
      if (formatRoute(next) === formatRoute(current.current)) return;
      if (!unsaved.current) return apply(next);
      // The browser has changed the address already.
      history.pushState(undefined, "", formatRoute(current.current));
      return leave(() => push(next));
    };
    const onBeforeUnload = (event: BeforeUnloadEvent) => {
      if (unsaved.current) event.preventDefault();
    };
    addEventListener("popstate", onPopState);
    addEventListener("beforeunload", onBeforeUnload);
    return () => {
      removeEventListener("popstate", onPopState);
      removeEventListener("beforeunload", onBeforeUnload);
    };
  }, []);

  return {
    route,
    navigate: (next: Route) => leave(() => push(next)),
    /** Navigates without a confirmation, as after a save. */
    replace: push,
    leave,
    setUnsaved: (isUnsaved: boolean) => void (unsaved.current = isUnsaved),
    /** The action that waits for a decision. */
    pending,
    discard: () => {
      unsaved.current = false;
      setPending(undefined);
      pending?.();
    },
    keep: () => setPending(undefined),
  };
}
