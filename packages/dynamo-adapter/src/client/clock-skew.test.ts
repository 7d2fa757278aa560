import { describe, expect, test } from "vitest";
import { createTestWireClient } from "../testing/clients.ts";
import { sendError, sendOutput, startServer, type LocalServer, type Respond } from "../testing/local-server.ts";

const MINUTE_MS = 60_000;
const GET = { TableName: "Users", Key: { user_id: { S: "id" } } };

/** Rejects a request whose time differs by more than five minutes, as AWS does. */
const validateTime =
  (errorName: string): Respond =>
  (response, { headers }) => {
    const [year, month, day, hour, minute, second] = /^(\d{4})(..)(..)T(..)(..)(..)Z$/
      .exec(String(headers["x-amz-date"]))!
      .slice(1);
    const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    if (Math.abs(time - Date.now()) > 5 * MINUTE_MS) sendError(response, errorName);
    else sendOutput(response);
  };

/** Creates a client whose clock differs by a number of minutes, which the test may change. */
function createSkewedClient({ connection }: LocalServer, clock: { skewMinutes: number }) {
  const now = () => new Date(Date.now() + clock.skewMinutes * MINUTE_MS);
  return createTestWireClient({ connection, now });
}

describe.for(["InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired"])("after %s", (errorName) => {
  test.for([20, -20])("a clock that differs by %i minutes is corrected once", async (skewMinutes) => {
    const server = await startServer(validateTime(errorName));
    const client = createSkewedClient(server, { skewMinutes });
    for (let call = 1; call <= 3; call += 1) await client.getItem(GET);
    expect(server.requests).toHaveLength(4);
  });
});

test("corrects the clock for concurrent calls", async () => {
  const server = await startServer(validateTime("InvalidSignatureException"));
  const client = createSkewedClient(server, { skewMinutes: 20 });
  await Promise.all(Array.from({ length: 50 }, () => client.getItem(GET)));
  const requestCount = server.requests.length;
  await Promise.all(Array.from({ length: 50 }, () => client.getItem(GET)));
  expect(server.requests).toHaveLength(requestCount + 50);
});

test("corrects the clock again after it was set", async () => {
  const server = await startServer(validateTime("InvalidSignatureException"));
  const clock = { skewMinutes: 20 };
  const client = createSkewedClient(server, clock);
  await client.getItem(GET);
  clock.skewMinutes = 0;
  for (let call = 1; call <= 3; call += 1) await client.getItem(GET);
  expect(server.requests).toHaveLength(2 + 4);
});

test.for<[label: string, skewMinutes: number, sendDate: boolean]>([
  ["the clock is right", 0, true],
  ["the clock differs by 3 minutes", 3, true],
  ["the response has no date", 20, false],
])(
  "does not repeat a call that is rejected with InvalidSignatureException if %s",
  async ([, skewMinutes, sendDate]) => {
    const server = await startServer((response) => {
      response.sendDate = sendDate;
      sendError(response, "InvalidSignatureException");
    });
    const client = createSkewedClient(server, { skewMinutes });
    await expect(client.getItem(GET)).rejects.toMatchObject({
      name: "InvalidSignatureException",
      isOutcomeUnknown: false,
    });
    expect(server.requests).toHaveLength(1);
  },
);
