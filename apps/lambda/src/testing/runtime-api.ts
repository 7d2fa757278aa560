import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** What a function did with an event: it answered, or it failed. */
export interface Outcome {
  /** What the handler returned. */
  readonly response?: any;
  readonly error?: FunctionError;
  /** From handing the event over until the outcome was told. */
  readonly milliseconds: number;
}

/** An error as the runtime client tells it to Lambda. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
}

export interface RuntimeApi {
  /** `host:port`, what Lambda gives a function as `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Settles when the function asks for its first event: with nothing, or with the error that its start ended in. */
  readonly initialised: Promise<FunctionError | undefined>;
  /** Hands an event to the function, once it asks for one; one at a time, as in an environment of Lambda. */
  readonly invoke: (event: unknown, milliseconds: number) => Promise<Outcome>;
  /** The function's process is gone: whatever is waited for, or asked for from now on, ends in this error. */
  readonly abandon: (error: FunctionError) => void;
  readonly close: () => void;
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly milliseconds: number;
  started: number;
  readonly resolve: (outcome: Outcome) => void;
}

/**
 * Lambda's side of a function's environment, as AWS's page "Using the Lambda runtime API for custom runtimes"
 * describes it, version 2018-06-01.
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const initialised = Promise.withResolvers<FunctionError | undefined>();
  let waiting: ServerResponse | undefined;
  let current: Invocation | undefined;
  let gone: FunctionError | undefined;
  const server = createServer((request, response) => void serve(request, response));
  server.keepAliveTimeout = 0; // A frozen function's connection to Lambda is there when it thaws.
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    initialised: initialised.promise,
    invoke(event, milliseconds) {
      if (current) throw new Error("an environment handles one event at a time");
      if (gone) return Promise.resolve({ error: gone, milliseconds: 0 });
      return new Promise((resolve) => {
        current = { id: randomUUID(), event, milliseconds, started: performance.now(), resolve };
        deliver();
      });
    },
    abandon(error) {
      gone ??= error;
      initialised.resolve(gone);
      settle({ error: gone });
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!.replace("/2018-06-01/runtime/", "");
    if (path === "invocation/next") {
      waiting = response;
      initialised.resolve(undefined);
      return deliver();
    }
    const said: unknown = await json(request);
    response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}');
    if (path === "init/error") initialised.resolve(said as FunctionError);
    if (path === `invocation/${current?.id}/response`) settle({ response: said });
    if (path === `invocation/${current?.id}/error`) settle({ error: said as FunctionError });
  }

  function deliver(): void {
    if (!waiting || !current) return;
    const { id, event, milliseconds } = current;
    waiting.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": id,
      "lambda-runtime-deadline-ms": Date.now() + milliseconds,
      "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-central-1:123456789012:function:users",
      "lambda-runtime-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
    });
    waiting.end(JSON.stringify(event));
    waiting = undefined;
    current.started = performance.now();
  }

  function settle(outcome: Pick<Outcome, "response" | "error">): void {
    current?.resolve({ ...outcome, milliseconds: performance.now() - current.started });
    current = undefined;
  }
}
