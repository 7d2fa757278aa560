/** An operation that a client has invoked. Times are positions in one order of all invocations and returns. */
export interface HistoryEvent<Operation, Outcome> {
  readonly operation: Operation;
  /** `undefined` if it is unknown: the operation takes effect once, at any time after its invocation, or never. */
  readonly outcome: Outcome | undefined;
  readonly invokedAt: number;
  readonly returnedAt: number;
}

/** Applies an operation to a state, without concurrency. States and outcomes are plain data. */
export type Apply<State, Operation, Outcome> = (
  state: State,
  operation: Operation,
) => { readonly state: State; readonly outcome: Outcome };

/**
 * Reports whether a history is linearizable (Herlihy and Wing, 1990): every operation appears to take effect at one
 * moment between its invocation and its return. Searches for an order of these moments (Wing and Gong, 1993), and
 * continues only once from the same pending operations and the same state (Lowe, 2017).
 */
export function isLinearizable<State, Operation, Outcome>(
  initialState: State,
  history: readonly HistoryEvent<Operation, Outcome>[],
  apply: Apply<State, Operation, Outcome>,
): boolean {
  const visited = new Set<string>();
  return hasOrder(initialState, history);

  /** Reports whether the pending operations can take effect in some order, beginning with this state. */
  function hasOrder(state: State, pending: readonly HistoryEvent<Operation, Outcome>[]): boolean {
    const completed = pending.filter(({ outcome }) => outcome !== undefined);
    if (completed.length === 0) return true;
    const key = `${pending.map(({ invokedAt }) => invokedAt).join()} ${toKey(state)}`;
    if (visited.has(key)) return false;
    visited.add(key);
    // An operation that is invoked after the return of another one takes effect after it.
    const firstReturnAt = Math.min(...completed.map(({ returnedAt }) => returnedAt));
    return pending.some((event) => {
      if (event.invokedAt > firstReturnAt) return false;
      const next = apply(state, event.operation);
      if (event.outcome !== undefined && toKey(event.outcome) !== toKey(next.outcome)) return false;
      return hasOrder(
        next.state,
        pending.filter((other) => other !== event),
      );
    });
  }
}

/**
 * Returns the shortest beginning of a history that is not linearizable, or `undefined` if the history is linearizable.
 * Operations that have not returned by its end have no outcome.
 */
export function findViolation<State, Operation, Outcome, Event extends HistoryEvent<Operation, Outcome>>(
  initialState: State,
  history: readonly Event[],
  apply: Apply<State, Operation, Outcome>,
): Event[] | undefined {
  if (isLinearizable(initialState, history, apply)) return undefined;
  const ends = history.map(({ returnedAt }) => returnedAt).toSorted((a, b) => a - b);
  const beginnings = ends.map((end) =>
    history
      .filter(({ invokedAt }) => invokedAt < end)
      .map((event) => (event.returnedAt > end ? { ...event, outcome: undefined } : event)),
  );
  return beginnings.find((beginning) => !isLinearizable(initialState, beginning, apply));
}

/** Returns the same text for equal data, in any order of members. */
function toKey(value: unknown): string {
  return JSON.stringify([value], (_, member: unknown) =>
    member !== null && typeof member === "object" && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
