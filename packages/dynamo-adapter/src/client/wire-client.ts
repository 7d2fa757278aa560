import type { Connection } from "./connection.ts";
import type { CallOptions, DynamoClient } from "./dynamo-client.ts";
import { DynamoError } from "./dynamo-error.ts";
import { observeCall, type OnCall } from "./observe-call.ts";
import type { HttpResponse } from "./response-parser.ts";
import { parseResponse } from "./response.ts";
import { retry } from "./retry.ts";
import { createSession } from "./session.ts";
import { TransportError } from "./socket-connection.ts";
import type { Transport } from "./transport.ts";

export interface WireClientOptions {
  readonly connection: Connection;
  readonly now?: () => Date;
  /** Receives a record of each call. Defaults to none. */
  readonly onCall?: OnCall | undefined;
}

export interface WireClient extends DynamoClient {
  /** Closes all connections. Calls in progress fail. */
  readonly close: () => void;
}

/** The service and the version of its API in `X-Amz-Target`. */
const API = "DynamoDB_20120810";

/** Identifies the client in CloudTrail. */
const USER_AGENT = "user-management-dynamo-adapter";

/** Errors whose cause may be the clock of this machine. */
const CLOCK_ERRORS = new Set(["InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed"]);

/** A smaller difference of the clocks is no reason for an error: AWS accepts five minutes. */
const MIN_CLOCK_SKEW_MS = 4 * 60_000;

/**
 * Creates a client that sends DynamoDB's JSON protocol over HTTP, at a fraction of the CPU time of the AWS SDK. It
 * retries transient errors, corrects for the skew of the clock, and refreshes credentials that have expired.
 */
export function createWireClient({ connection, now = () => new Date(), onCall }: WireClientOptions): WireClient {
  const session = createSession(connection);
  let clockOffsetMs = 0;

  return {
    getItem: createCall("GetItem"),
    batchGetItem: createCall("BatchGetItem"),
    putItem: createCall("PutItem"),
    updateItem: createCall("UpdateItem"),
    deleteItem: createCall("DeleteItem"),
    transactWriteItems: createCall("TransactWriteItems"),
    scan: createCall("Scan"),
    close: () => session.close(),
  };

  function createCall<Output>(operation: string) {
    const target = `${API}.${operation}`;
    return (input: object, options: CallOptions = {}): Promise<Output> => {
      const body = JSON.stringify(input);
      const attempt = () => attemptCall<Output>(target, body, options.signal);
      return onCall ? observeCall(operation, attempt, options, onCall) : retry(attempt, options);
    };
  }

  async function attemptCall<Output>(target: string, body: string, signal: AbortSignal | undefined): Promise<Output> {
    const { endpoint, transport, sign } = await session.open();
    let credentials = await session.getCredentials();
    for (let isCorrected = false; ; isCorrected = true) {
      const time = new Date(now().getTime() + clockOffsetMs);
      const headers = sign({ endpoint, target, body, time }, credentials);
      headers["user-agent"] = USER_AGENT;
      const response = await post(transport, headers, body, signal);
      try {
        return parseResponse(response) as Output;
      } catch (error) {
        if (isCorrected || !(error instanceof DynamoError)) throw error;
        if (error.name === "ExpiredTokenException") credentials = await session.replaceCredentials(credentials);
        else if (!CLOCK_ERRORS.has(error.name) || !correctClock(response, time)) throw error;
      }
    }
  }

  /** Adopts the time of a response, and reports whether that of the request differs so much that it should be repeated. */
  function correctClock({ headers }: HttpResponse, requestTime: Date): boolean {
    const responseTimeMs = Date.parse(headers.get("date") ?? "");
    if (!(Math.abs(responseTimeMs - requestTime.getTime()) >= MIN_CLOCK_SKEW_MS)) return false;
    clockOffsetMs = responseTimeMs - now().getTime();
    return true;
  }
}

async function post(
  transport: Transport,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  try {
    return await transport.post(headers, body, signal);
  } catch (cause) {
    if (!(cause instanceof TransportError)) throw cause;
    const { code, message, isSent } = cause;
    const name = code === "ETIMEDOUT" ? "TimeoutError" : "NetworkError";
    throw new DynamoError({ name, message, code, isOutcomeUnknown: isSent, cause });
  }
}
