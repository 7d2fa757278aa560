import { setImmediate as nextTurn } from "node:timers/promises";
import type { BatchGetCommandInput, DynamoDBDocumentClient, GetCommandInput } from "@aws-sdk/lib-dynamodb";
import { expect, onTestFinished, test, vi } from "vitest";
import { createReadQueue } from "./read-queue.ts";

const signal = new AbortController().signal;

interface StubCall {
  readonly keys: string[];
  /** Completes the call with an item for each key, except for the unprocessed ones. */
  readonly respond: (unprocessedKeys?: string[]) => void;
}

/** Creates a read queue whose calls the test completes. */
function createStubbedQueue() {
  const calls: StubCall[] = [];
  const send = ({ input }: { input: GetCommandInput & BatchGetCommandInput }) => {
    const { promise, resolve } = Promise.withResolvers<object>();
    const keys = (input.RequestItems?.["Users"]?.Keys ?? [input.Key!]).map((key) => String(key["user_id"]));
    calls.push({
      keys,
      respond(unprocessedKeys = []) {
        const items = keys.filter((key) => !unprocessedKeys.includes(key)).map((user_id) => ({ user_id }));
        resolve({
          Item: items[0],
          Responses: { Users: items },
          UnprocessedKeys: { Users: { Keys: unprocessedKeys.map((user_id) => ({ user_id })) } },
        });
      },
    });
    return promise;
  };
  const readItem = createReadQueue({ send } as unknown as DynamoDBDocumentClient, "Users");
  return {
    readItem,
    waitForCall: async (number: number): Promise<StubCall> => {
      while (calls.length < number) await nextTurn();
      expect(calls).toHaveLength(number);
      return calls.at(-1)!;
    },
  };
}

test("drops a waiting read once all its callers have aborted", async () => {
  const { readItem, waitForCall } = createStubbedQueue();
  const firstReads = Array.from({ length: 400 }, (_, index) => readItem(`first ${index}`, signal));
  const fourthCall = await waitForCall(4);
  const [one, another] = [new AbortController(), new AbortController()];
  for (const controller of [one, another]) void readItem("all aborted", controller.signal);
  const read = Promise.all([readItem("one aborted", one.signal), readItem("one aborted", signal)]);
  one.abort();
  another.abort();
  fourthCall.respond();
  const fifthCall = await waitForCall(5);
  expect(fifthCall.keys).toEqual(["one aborted"]);
  fifthCall.respond();
  expect(await read).toEqual([{ user_id: "one aborted" }, { user_id: "one aborted" }]);
  expect(await firstReads[399]).toEqual({ user_id: "first 399" });
});

test("retries an unprocessed key for its caller even if the caller of a later read of that key aborts", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { readItem, waitForCall } = createStubbedQueue();
  for (const number of [1, 2, 3]) {
    void readItem(`concurrent ${number}`, signal);
    await waitForCall(number);
  }
  const reads = Promise.all([readItem("a", signal), readItem("b", signal)]);
  const fourthCall = await waitForCall(4);
  void readItem("c", signal);
  fourthCall.respond(["a", "b"]);
  const fifthCall = await waitForCall(5);
  // No further call is possible until the fifth one completes, so both reads of `a` are waiting when the signal aborts.
  const controller = new AbortController();
  void readItem("a", controller.signal);
  vi.advanceTimersByTime(25);
  controller.abort();
  fifthCall.respond();
  const sixthCall = await waitForCall(6);
  expect(sixthCall.keys).toEqual(["a", "b"]);
  sixthCall.respond();
  expect(await reads).toEqual([{ user_id: "a" }, { user_id: "b" }]);
});
