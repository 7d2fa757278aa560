import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** The outcome of an invocation: a response or an error. */
export interface Outcome {
  /** The result of the handler. */
  readonly response?: any;
  readonly error?: FunctionError;
  /** The time from the delivery of the event to its outcome, in milliseconds. */
  readonly durationMs: number;
}

/** An error as the runtime client reports it to Lambda. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
}

export interface RuntimeApi {
  /** The `host:port` that Lambda passes to a function as `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Resolves when the function requests its first event, or with the error of its initialization. */
  readonly initialized: Promise<FunctionError | undefined>;
  /**
   * Delivers an event when the function requests the next one.
   *
   * @throws Error during another invocation: an environment handles one event after another
   */
  readonly invoke: (event: unknown, timeoutMs: number) => Promise<Outcome>;
  /** Ends the current and every later invocation with this error, because the process has exited. */
  readonly fail: (error: FunctionError) => void;
  readonly close: () => void;
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly timeoutMs: number;
  startedAt: number;
  readonly resolve: (outcome: Outcome) => void;
}

/** Starts Lambda's side of an environment (AWS: "Using the Lambda runtime API for custom runtimes", 2018-06-01). */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const initialized = Promise.withResolvers<FunctionError | undefined>();
  /** The response to the request for the next event, while there is no event. */
  let pendingNext: ServerResponse | undefined;
  let current: Invocation | undefined;
  let exitError: FunctionError | undefined;
  const server = createServer((request, response) => void handle(request, response));
  server.keepAliveTimeout = 0; // The connection of a frozen function to Lambda still exists when it is thawed.
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    initialized: initialized.promise,
    invoke(event, timeoutMs) {
      if (current) throw new Error("An environment handles one event after another.");
      if (exitError) return Promise.resolve({ error: exitError, durationMs: 0 });
      return new Promise((resolve) => {
        current = { id: randomUUID(), event, timeoutMs, startedAt: performance.now(), resolve };
        deliver();
      });
    },
    fail(error) {
      exitError ??= error;
      initialized.resolve(exitError);
      settle({ error: exitError });
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!.replace("/2018-06-01/runtime/", "");
    if (path === "invocation/next") {
      pendingNext = response;
      initialized.resolve(undefined);
      return deliver();
    }
    const body: unknown = await json(request);
    response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}');
    if (path === "init/error") initialized.resolve(body as FunctionError);
    if (path === `invocation/${current?.id}/response`) settle({ response: body });
    if (path === `invocation/${current?.id}/error`) settle({ error: body as FunctionError });
  }

  function deliver(): void {
    if (!pendingNext || !current) return;
    const { id, event, timeoutMs } = current;
    pendingNext.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": id,
      "lambda-runtime-deadline-ms": Date.now() + timeoutMs,
      "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-central-1:123456789012:function:users",
      "lambda-runtime-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
    });
    pendingNext.end(JSON.stringify(event));
    pendingNext = undefined;
    current.startedAt = performance.now();
  }

  function settle(outcome: Pick<Outcome, "response" | "error">): void {
    current?.resolve({ ...outcome, durationMs: performance.now() - current.startedAt });
    current = undefined;
  }
}
