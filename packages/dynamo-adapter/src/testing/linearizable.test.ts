import { buildUser } from "@user-management/domain/testing";
import { describe, expect, test } from "vitest";
import { applyToUser, type UserOperation, type UserOutcome } from "./history-operation.ts";
import { findViolation, isLinearizable, type HistoryEvent } from "./linearizable.ts";

const updated_at = "2026-02-03T04:05:06.789Z";
const user = buildUser();

const get: UserOperation = { name: "get" };
const setA: UserOperation = { name: "update", update: { lastname: "A" }, updated_at };
const setB: UserOperation = { name: "update", update: { lastname: "B" }, updated_at };
const setAOf1: UserOperation = { ...setA, ifVersionIn: [1] };
const setBOf1: UserOperation = { ...setB, ifVersionIn: [1] };
const remove: UserOperation = { name: "delete" };

const initial: UserOutcome = { user };
const a2: UserOutcome = { user: { ...user, lastname: "A", version: 2, updated_at } };
const a3: UserOutcome = { user: { ...user, lastname: "A", version: 3, updated_at } };
const a4: UserOutcome = { user: { ...user, lastname: "A", version: 4, updated_at } };
const b2: UserOutcome = { user: { ...user, lastname: "B", version: 2, updated_at } };
const b3: UserOutcome = { user: { ...user, lastname: "B", version: 3, updated_at } };
const absent: UserOutcome = { user: undefined };
const notFound: UserOutcome = { error: "not-found" };
const stale2: UserOutcome = { error: "stale-version", currentVersion: 2 };

type Event = HistoryEvent<UserOperation, UserOutcome>;

/** Creates an operation that takes from one moment to another. Without an outcome it is unknown. */
function during(invokedAt: number, returnedAt: number, operation: UserOperation, outcome?: UserOutcome): Event {
  return { invokedAt, returnedAt, operation, outcome };
}

describe("a history is linearizable with", () => {
  test.for<[name: string, history: Event[]]>([
    ["no operation", []],
    ["consecutive operations", [during(1, 2, get, initial), during(3, 4, setA, a2), during(5, 6, get, a2)]],
    ["a concurrent read of the old version", [during(1, 4, setA, a2), during(2, 3, get, initial)]],
    ["a concurrent read of the new version", [during(1, 4, setA, a2), during(2, 3, get, a2)]],
    ["concurrent updates in the order of their returns", [during(1, 3, setA, a2), during(2, 4, setB, b3)]],
    ["concurrent updates in the reverse order", [during(1, 3, setA, a3), during(2, 4, setB, b2)]],
    ["one of two updates of the same version", [during(1, 3, setAOf1, stale2), during(2, 4, setBOf1, b2)]],
    ["an unknown update that takes effect before its return", [during(1, 2, setA), during(3, 4, get, a2)]],
    [
      "an unknown update that takes effect after its return",
      [during(1, 2, setA), during(3, 4, get, initial), during(5, 6, get, a2)],
    ],
    ["an unknown update that never takes effect", [during(1, 2, setA), during(3, 4, setB, b2)]],
    ["an unknown update that another update follows", [during(1, 2, setA), during(3, 4, setB, b3)]],
    ["an unknown delete", [during(1, 2, remove), during(3, 4, setA, notFound)]],
    ["an update before a concurrent delete", [during(1, 4, setA, a2), during(2, 3, remove, absent)]],
  ])("%s", ([, history]) => {
    expect(isLinearizable(user, history, applyToUser)).toBe(true);
    expect(findViolation(user, history, applyToUser)).toBeUndefined();
  });
});

describe("a history is not linearizable from the return of", () => {
  test.for<[name: string, history: Event[], length: number]>([
    [
      "a read of an older version after a newer one",
      [during(1, 8, setA, a2), during(2, 3, get, a2), during(4, 5, get, initial), during(6, 7, get, a2)],
      3,
    ],
    ["a read that misses an acknowledged update", [during(1, 2, setA, a2), during(3, 4, get, initial)], 2],
    ["an applied update with `stale-version`", [during(1, 2, setAOf1, stale2), during(3, 4, get, a2)], 1],
    [
      "a read of an update that is applied again over an acknowledged one",
      [during(1, 6, setA), during(2, 3, get, a2), during(4, 5, setB, b3), during(7, 8, get, a4)],
      4,
    ],
    ["the second update of the same version", [during(1, 3, setAOf1, a2), during(2, 4, setBOf1, b2)], 2],
    ["an update that discards a concurrent one", [during(1, 3, setA, a2), during(2, 4, setB, b2)], 2],
    ["a read of an unknown update before its invocation", [during(1, 2, get, a2), during(3, 4, setA)], 1],
    [
      "a read that misses an unknown update after another read of it",
      [during(1, 2, setA), during(3, 4, get, a2), during(5, 6, get, initial)],
      3,
    ],
    ["an update of a deleted user", [during(1, 2, remove, absent), during(3, 4, setA, a2)], 2],
    ["an update with `not-found` before a delete", [during(1, 2, setA, notFound), during(3, 4, remove, absent)], 1],
  ])("%s", ([, history, length]) => {
    expect(isLinearizable(user, history, applyToUser)).toBe(false);
    expect(findViolation(user, history, applyToUser)).toHaveLength(length);
  });
});
