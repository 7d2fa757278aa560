import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import type { BatchGetItemInput, DynamoClient, GetItemInput } from "./client/dynamo-client.ts";
import { createReadQueue } from "./read-queue.ts";

const signal = new AbortController().signal;

interface StubCall {
  readonly keys: string[];
  /** Completes the call with an item for each key, except for the unprocessed ones. */
  readonly respond: (unprocessedKeys?: string[]) => void;
}

function toItems(ids: string[]): object[] {
  return ids.map((id) => ({ user_id: { S: id } }));
}

/** Creates a read queue whose calls the test completes. */
function createStubbedQueue() {
  const calls: StubCall[] = [];
  const call = <Output>(keys: string[], toOutput: (items: object[], unprocessedKeys: object[]) => Output) => {
    const { promise, resolve } = Promise.withResolvers<Output>();
    calls.push({
      keys,
      respond: (unprocessed = []) =>
        resolve(toOutput(toItems(keys.filter((key) => !unprocessed.includes(key))), toItems(unprocessed))),
    });
    return promise;
  };
  const client = {
    getItem: ({ Key }: GetItemInput) => call([Key["user_id"]!.S!], ([Item]) => ({ Item })),
    batchGetItem: ({ RequestItems }: BatchGetItemInput) =>
      call(
        RequestItems["Users"]!.Keys.map((key) => key["user_id"]!.S!),
        (items, keys) => ({ Responses: { Users: items }, UnprocessedKeys: { Users: { Keys: keys } } }),
      ),
  };
  const readItem = createReadQueue(client as unknown as DynamoClient, "Users");
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
  expect(await read).toEqual([{ user_id: { S: "one aborted" } }, { user_id: { S: "one aborted" } }]);
  expect(await firstReads[399]).toEqual({ user_id: { S: "first 399" } });
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
  expect(await reads).toEqual([{ user_id: { S: "a" } }, { user_id: { S: "b" } }]);
});
