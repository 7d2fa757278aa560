import { describe, expect, test } from "vitest";
import { createDynamoUserRepository } from "../index.ts";
import { createTestWireClient } from "../testing/clients.ts";
import { createDeadlineContext } from "../testing/faulty-table.ts";
import { sendError, sendOutput, startServer, type LocalServer, type Respond } from "../testing/local-server.ts";
import { createEnvironmentConnection } from "./environment-connection.ts";
import { createSdkConnection } from "./sdk-connection.ts";

const GET = { TableName: "Users", Key: { user_id: { S: "id" } } };
const HOUR_MS = 3_600_000;

/** Rejects the first access key as expired. */
const rejectFirstKey: Respond = (response, { headers }) => {
  if (headers.authorization!.includes("Credential=KEY1/")) sendError(response, "ExpiredTokenException");
  else sendOutput(response);
};

/** Creates a client with a provider that returns another access key for each call. */
function createClientWithProvider({ url }: LocalServer, provide = (count: number) => `KEY${count}`) {
  const provider = { count: 0 };
  const connection = createSdkConnection({
    region: "eu-central-1",
    endpoint: url,
    credentials: async () => ({
      accessKeyId: provide((provider.count += 1)),
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration: new Date(Date.now() + HOUR_MS),
    }),
  });
  return { client: createTestWireClient({ connection }), provider };
}

describe("credentials that DynamoDB rejects as expired", () => {
  test("are refreshed, and the call is repeated with the new ones", async () => {
    const server = await startServer(rejectFirstKey);
    const { client, provider } = createClientWithProvider(server);
    for (let call = 1; call <= 3; call += 1) await client.getItem(GET);
    expect(server.requests).toHaveLength(4);
    expect(provider.count).toBe(2);
  });

  test("are refreshed once for 50 concurrent calls", async () => {
    const server = await startServer(rejectFirstKey);
    const { client, provider } = createClientWithProvider(server);
    await Promise.all(Array.from({ length: 50 }, () => client.getItem(GET)));
    expect(provider.count).toBe(2);
  });

  test("fail the call after one refresh if the new ones are rejected too", async () => {
    const server = await startServer((response) => sendError(response, "ExpiredTokenException"));
    const { client, provider } = createClientWithProvider(server);
    await expect(client.getItem(GET)).rejects.toMatchObject({ name: "ExpiredTokenException", isOutcomeUnknown: false });
    expect(server.requests).toHaveLength(2);
    expect(provider.count).toBe(2);
  });

  test("are read again from the environment", async () => {
    const server = await startServer(rejectFirstKey);
    const environment: Record<string, string> = {
      AWS_REGION: "eu-central-1",
      AWS_ENDPOINT_URL: server.url,
      AWS_ACCESS_KEY_ID: "KEY1",
      AWS_SECRET_ACCESS_KEY: "secret",
    };
    const client = createTestWireClient({ connection: createEnvironmentConnection(environment) });
    await expect(client.getItem(GET)).rejects.toMatchObject({ name: "ExpiredTokenException" });
    environment["AWS_ACCESS_KEY_ID"] = "KEY2";
    await client.getItem(GET);
  });
});

test("a provider that fails makes calls fail until it succeeds", async () => {
  const server = await startServer((response) => sendOutput(response));
  const { client } = createClientWithProvider(server, (count) => {
    if (count > 2) return "KEY";
    throw Object.assign(new Error("The provider failed."), { name: "CredentialsProviderError" });
  });
  const users = createDynamoUserRepository({ client, tableName: "Users" });
  for (let call = 1; call <= 2; call += 1) {
    await expect(users.get("id", createDeadlineContext())).rejects.toMatchObject({
      code: "unavailable",
      message: "The users table is unavailable: there are no credentials.",
      cause: { isOutcomeUnknown: false },
    });
  }
  expect(await users.get("id", createDeadlineContext())).toBeUndefined();
  expect(server.requests).toHaveLength(1);
});

test("sends the session token of the credentials", async () => {
  const server = await startServer((response) => sendOutput(response));
  await createClientWithProvider(server).client.getItem(GET);
  expect(server.requests[0]!.headers["x-amz-security-token"]).toBe("token");
});
