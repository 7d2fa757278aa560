import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { CallOptions, DynamoClient } from "./dynamo-client.ts";
import { DynamoError, type DynamoErrorOptions } from "./dynamo-error.ts";

/** A client of the AWS SDK, either the document client or the plain one. */
export type SdkClient = DynamoDBDocumentClient | DynamoDBClient;

/** Returns the calls of a client, which is one of the AWS SDK or has them already. */
export function toDynamoClient(client: DynamoClient | SdkClient): DynamoClient {
  return "send" in client ? createSdkClient(client) : client;
}

/** Creates the calls on a client of the AWS SDK, which retries them as it is configured. */
function createSdkClient(client: DynamoDBClient): DynamoClient {
  return {
    getItem: createCall(GetItemCommand),
    batchGetItem: createCall(BatchGetItemCommand),
    putItem: createCall(PutItemCommand),
    updateItem: createCall(UpdateItemCommand),
    deleteItem: createCall(DeleteItemCommand),
    transactWriteItems: createCall(TransactWriteItemsCommand),
    scan: createCall(ScanCommand),
  };

  function createCall<Output>(Command: CommandConstructor) {
    return async (input: object, { signal, isRepeatable = true }: CallOptions = {}): Promise<Output> => {
      const command = new Command(input);
      let lastError: DynamoError | undefined;
      let isAfterUnknownOutcome = false;
      command.middlewareStack.add(
        (next: Attempt) => (request: unknown) => {
          lastError = undefined;
          return next(request).catch((error: unknown) => {
            lastError = toDynamoError(error, isSent(error));
            lastError.isAfterUnknownOutcome = isAfterUnknownOutcome;
            isAfterUnknownOutcome ||= lastError.isOutcomeUnknown;
            // The SDK does not repeat an attempt that fails with an error of ours without a cause.
            throw lastError.isOutcomeUnknown && !isRepeatable ? new Error("The call must not be repeated.") : error;
          });
        },
        { step: "finalizeRequest", priority: "low" },
      );
      try {
        return (await client.send(command, signal ? { abortSignal: signal } : {})) as Output;
      } catch (error) {
        throw lastError ?? toDynamoError(error, false);
      }
    };
  }
}

type Attempt = (request: unknown) => Promise<unknown>;

/** The constructor of a command. {@link DynamoClient} declares the types of its input and output. */
type CommandConstructor = new (input: any) => any;

/** The members of the errors of the SDK, of Node.js and of DynamoDB that are read. */
interface SdkError extends Error {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly Item?: DynamoErrorOptions["item"];
  readonly CancellationReasons?: DynamoErrorOptions["reasons"];
}

function toDynamoError(cause: unknown, isOutcomeUnknown: boolean): DynamoError {
  const error: SdkError = cause instanceof Error ? cause : new Error(String(cause));
  return new DynamoError({
    name: error.name,
    message: error.message,
    code: typeof error.code === "string" ? error.code : undefined,
    status: error.$metadata?.httpStatusCode,
    item: error.Item,
    reasons: error.CancellationReasons,
    isOutcomeUnknown,
    cause,
  });
}

/** Errors before a connection is established. */
const CONNECT_CODES = new Set(["EAI_AGAIN", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND"]);

/** Reports whether DynamoDB may have applied an attempt: it rejects with a 4xx before it writes. */
function isSent(error: unknown): boolean {
  const { code, $metadata: { httpStatusCode: status = 0 } = {} } = error as SdkError;
  return !CONNECT_CODES.has(String(code)) && !(status >= 400 && status < 500);
}
