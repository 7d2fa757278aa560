import type { NewUser, User, UserRepository } from "@user-management/domain";
import { createDeadlineContext } from "./faulty-table.ts";
import { applyToUser, execute, type UserOperation, type UserOutcome } from "./history-operation.ts";
import { findViolation, type HistoryEvent } from "./linearizable.ts";

/** An operation that a client chooses. "The version seen" is the latest one in the outcomes of the same client. */
export type Step =
  | "get"
  | "findByEmail"
  | "update"
  | "update of the version seen"
  | "update of the email"
  | "update of the email of the version seen"
  | "delete"
  | "delete of the version seen";

interface UserEvent extends HistoryEvent<UserOperation, UserOutcome> {
  readonly client: number;
}

/** The operations of several clients on one user, and the faults of their calls. */
export interface History {
  /** An operation that threw `unavailable` has no outcome. */
  readonly events: readonly UserEvent[];
  /** Performs the steps of a client one after the other. */
  readonly runClient: (client: number, users: UserRepository, steps: readonly Step[]) => Promise<void>;
  readonly recordFault: (fault: string) => void;
  /** Returns the shortest beginning that is not linearizable, one line per operation and fault, if there is one. */
  readonly describeViolation: () => string | undefined;
}

/** Creates the history of a user that has been inserted. */
export function createHistory(user: NewUser): History {
  const events: UserEvent[] = [];
  const faults: { readonly fault: string; readonly at: number }[] = [];
  let time = 0;

  return {
    events,
    async runClient(client, users, steps) {
      let version = user.version;
      for (const [index, step] of steps.entries()) {
        const operation = createOperation({ user, step, version, client, index });
        const invokedAt = (time += 1);
        const outcome = await execute(users, user.user_id, operation, createDeadlineContext());
        events.push({ client, operation, outcome, invokedAt, returnedAt: (time += 1) });
        version = getVersionSeen(outcome) ?? version;
      }
    },
    recordFault: (fault) => void faults.push({ fault, at: (time += 1) }),
    describeViolation() {
      const violation = findViolation(user as User | undefined, events, applyToUser);
      if (!violation) return undefined;
      const end = Math.max(...violation.filter(({ outcome }) => outcome).map(({ returnedAt }) => returnedAt));
      const lines = [
        ...faults.filter(({ at }) => at < end).map(({ fault, at }) => ({ at, line: `${at}: fault: ${fault}` })),
        ...violation.map((event) => ({ at: event.invokedAt, line: describeEvent(event, end) })),
      ];
      return lines
        .toSorted((a, b) => a.at - b.at)
        .map(({ line }) => line)
        .join("\n");
    },
  };
}

function getVersionSeen(outcome: UserOutcome | undefined): number | undefined {
  return outcome && "error" in outcome ? outcome.currentVersion : outcome?.user?.version;
}

/** The members of an operation and its outcome that differ between the operations on a user. */
const DESCRIBED_MEMBERS = "update,email,ifVersionIn,error,currentVersion,version,lastname,firstname,address".split(",");

function describeEvent({ client, operation, outcome, invokedAt, returnedAt }: UserEvent, end: number): string {
  const input = JSON.stringify(operation, DESCRIBED_MEMBERS);
  const unknown = returnedAt > end ? "pending" : "unavailable";
  const known = JSON.stringify(outcome && "user" in outcome ? (outcome.user ?? null) : outcome, DESCRIBED_MEMBERS);
  return `${invokedAt}-${returnedAt}: client ${client}: ${operation.name} ${input}: ${outcome ? known : unknown}`;
}

interface StepOptions {
  readonly user: NewUser;
  readonly step: Step;
  readonly version: number;
  readonly client: number;
  readonly index: number;
}

/** Creates the operation of a step. Every update of a history writes another time, so that it can be recognized. */
function createOperation({ user, step, version, client, index }: StepOptions): UserOperation {
  const email = `${(client + index) % 3}.${user.email}`;
  if (step === "get") return { name: step };
  if (step === "findByEmail") return { name: step, email };
  // One required version needs a conditional write, two need a transaction.
  const ifVersionIn = index % 3 === 2 ? [version - 1, version] : [version];
  const precondition = step.endsWith("of the version seen") ? { ifVersionIn } : {};
  if (step.startsWith("delete")) return { name: "delete", ...precondition };
  const value = `client ${client}, step ${index}`;
  const updates = [{ lastname: value }, { firstname: value }, { firstname: null, address: value }];
  const update = step.startsWith("update of the email") ? { email } : updates[(client + index) % 3]!;
  const updated_at = new Date(Date.parse(user.updated_at) + 1_000 * client + index).toISOString();
  return { name: "update", update, updated_at, ...precondition };
}
