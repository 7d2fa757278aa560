import { SCOPES, type ApiKeyRepository } from "@user-management/domain";
import { createDynamoApiKeyRepository } from "@user-management/dynamo-adapter";
import { createUsersTable, type Dynamo } from "@user-management/dynamo-adapter/testing";
import { nodePlatform } from "@user-management/node-platform";
import {
  createCredentialFactory,
  createTestClient,
  type AccessService,
  type SendRequest,
  type TestClient,
} from "@user-management/rest-adapter/testing";
import { onTestFinished } from "vitest";
import { toHttpEvent, type ToEvent } from "./events.ts";
import { startFunction, type RunningFunction } from "./start-function.ts";
import { startProxy, type InterruptibleProxy } from "./start-proxy.ts";
import { toResponse } from "./to-response.ts";

/** The timeout of an invocation. */
export const TIMEOUT_MS = 3_000;

interface UsersFunctionOptions {
  readonly dynamo: Dynamo;
  readonly zip: Uint8Array;
  /** Whether the store hangs from the start. */
  readonly isHanging?: boolean;
  readonly memoryMb?: number;
  /** Environment variables besides those of the tables. */
  readonly environment?: Record<string, string>;
}

/** The function in an environment of its own, with tables of its own behind a proxy, and with one API key. */
export interface UsersFunction {
  readonly lambda: RunningFunction;
  readonly proxy: InterruptibleProxy;
  readonly keys: ApiKeyRepository;
  readonly createCredential: AccessService["createCredential"];
  /** The API key, with all scopes. */
  readonly credential: string;
  /** Returns a function that sends requests as the events of one gateway, without a credential. */
  readonly createSendRequest: (toEvent?: ToEvent) => SendRequest;
  /** Creates a client that sends the API key, or another credential. */
  readonly createClient: (toEvent?: ToEvent, credential?: string) => TestClient;
}

/** Starts the function. It is stopped when the test finishes. */
export async function startUsersFunction(options: UsersFunctionOptions): Promise<UsersFunction> {
  const { dynamo, zip, isHanging = false, memoryMb = 512, environment = {} } = options;
  const { client, tableName, keysTableName } = await createUsersTable(dynamo);
  const keys = createDynamoApiKeyRepository({ client, tableName: keysTableName });
  const createCredential = createCredentialFactory({ keys, ...nodePlatform });
  const credential = await createCredential(SCOPES);
  const proxy = await startProxy(dynamo.endpoint);
  if (isHanging) proxy.hang();
  const lambda = await startFunction({
    zip,
    environment: {
      USERS_TABLE: tableName,
      AWS_REGION: "local",
      AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint,
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      ...environment,
    },
    memoryMb,
  });
  onTestFinished(async () => {
    await lambda.stop();
    await proxy.stop();
  });
  await lambda.initialized;

  const createSendRequest = (toEvent: ToEvent = toHttpEvent): SendRequest => {
    return async (path, { method = "GET", headers, body } = {}) => {
      const entries = [...new Headers(headers)];
      const request = { method, path, headers: entries, ...(body != null && { body: body as string }) };
      const { response, error } = await lambda.invoke(toEvent(request), { timeoutMs: TIMEOUT_MS });
      if (error) throw new Error(`${error.errorType}: ${error.errorMessage}`);
      return toResponse(response);
    };
  };
  const createClient = (toEvent: ToEvent = toHttpEvent, sent = credential) =>
    createTestClient(createSendRequest(toEvent), { credential: sent });
  return { lambda, proxy, keys, createCredential, credential, createSendRequest, createClient };
}
