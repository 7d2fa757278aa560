import { setTimeout as delay } from "node:timers/promises";
import type { DynamoClient, TransactWriteItemsInput, UpdateItemInput } from "../client/dynamo-client.ts";
import type { Call, ChooseFault, Fault } from "./faulty-endpoint.ts";
import type { History } from "./history.ts";

/** A fault of a write. */
export type ScheduledFault =
  | "none"
  | "delay"
  | "reset"
  | "commit, then reset"
  | "commit, then 500"
  /** The request is still on its way when the client loses its connection. */
  | "reset, then commit"
  | "throttle"
  | "conflict";

/** A history, and the faults of the next calls for its user. */
export interface FaultyHistory {
  readonly history: History;
  readonly faults: Iterator<ScheduledFault>;
}

/** The delay of a response, and of a commit after a reset. */
const DELAY_MS = 15;

const SERVER_ERROR = { status: 500, body: '{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}' };

/**
 * Creates the function that chooses the scheduled faults, and records them. `findHistory` returns the history to which
 * a partition key belongs. `client` is connected to the engine, and commits the writes that have another response.
 */
export function createFaultSchedule(
  client: DynamoClient,
  findHistory: (key: string) => FaultyHistory | undefined,
): ChooseFault {
  const committedTokens = new Set<unknown>();

  return async (call) => {
    const target = getKeys(call).map(findHistory).find(Boolean);
    const scheduled = chooseForCall(call, target?.faults.next().value ?? "none");
    const fault = await toFault(scheduled, call);
    if (isForwarded(fault)) committedTokens.add(call.input["ClientRequestToken"]);
    if (fault !== "none") target?.history.recordFault(`${call.operation}: ${scheduled}`);
    return fault;
  };

  async function toFault(scheduled: ScheduledFault, call: Call): Promise<Fault> {
    switch (scheduled) {
      case "delay":
        return { delayMs: DELAY_MS };
      case "commit, then 500":
        await commit(call);
        return SERVER_ERROR;
      case "reset, then commit":
        void delay(DELAY_MS).then(() => commit(call));
        return "reset";
      case "throttle":
        return { error: "ThrottlingException" };
      case "conflict":
        return createConflict(call);
      default:
        return scheduled;
    }
  }

  /** Performs a write, and discards the response. */
  async function commit({ operation, input }: Call): Promise<void> {
    committedTokens.add(input["ClientRequestToken"]);
    const options = { isRepeatable: false };
    const write =
      operation === "UpdateItem"
        ? client.updateItem(input as UpdateItemInput, options)
        : client.transactWriteItems(input as TransactWriteItemsInput, options);
    await write.catch(() => undefined);
  }

  /** Creates a conflict with a transaction. DynamoDB reports none for a transaction that is committed already. */
  function createConflict({ operation, input }: Call): Fault {
    if (operation === "UpdateItem") return { error: "TransactionConflictException" };
    if (committedTokens.has(input["ClientRequestToken"])) return "none";
    const CancellationReasons = (input["TransactItems"] as object[]).map(() => ({ Code: "TransactionConflict" }));
    return { error: "TransactionCanceledException", CancellationReasons };
  }
}

/** Replaces a fault of a read by a delay: a read changes nothing, so that its outcome does not matter if it is unknown. */
function chooseForCall({ operation }: Call, fault: ScheduledFault): ScheduledFault {
  return fault !== "none" && operation.includes("Get") ? "delay" : fault;
}

function isForwarded(fault: Fault): boolean {
  return fault === "none" || fault === "commit, then reset" || (typeof fault === "object" && "delayMs" in fault);
}

/** Returns the partition keys of the items of a call. */
function getKeys({ input }: Call): string[] {
  const tables = Object.values<any>(input["RequestItems"] ?? {});
  const writes = (input["TransactItems"] ?? []).flatMap((write: object) => Object.values(write));
  const keys = [input["Key"], ...tables.flatMap((table) => table.Keys), ...writes.map((write: any) => write.Key)];
  return keys.flatMap((key) => key?.user_id.S ?? []);
}
