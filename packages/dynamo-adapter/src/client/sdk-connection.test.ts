import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createDynamoUserRepository } from "../index.ts";
import { createTestWireClient } from "../testing/clients.ts";
import { createDeadlineContext } from "../testing/faulty-table.ts";
import { isolateEnvironment } from "../testing/isolate-environment.ts";
import { sendOutput, startServer } from "../testing/local-server.ts";
import { createSdkConnection } from "./sdk-connection.ts";

const MINUTE_MS = 60_000;
const GET = { TableName: "Users", Key: { user_id: { S: "id" } } };

beforeEach(isolateEnvironment);

/** Writes files to a new directory, and returns a function that returns their paths. */
async function writeFiles(files: Record<string, string>): Promise<(name: string) => string> {
  const directory = await mkdtemp(join(tmpdir(), "sdk-connection-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return (name) => join(directory, name);
}

/** Starts an endpoint of container credentials. The lifetime of each is chosen by its number, counted from 1. */
async function startCredentialsEndpoint(getLifetimeMs: (number: number) => number) {
  const server = await startServer((response, { number }) => {
    const Expiration = new Date(Date.now() + getLifetimeMs(number)).toISOString();
    const credentials = { AccessKeyId: `KEY${number}`, SecretAccessKey: "secret", Token: "token", Expiration };
    response.setHeader("content-type", "application/json").end(JSON.stringify(credentials));
  });
  vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${server.url}/credentials`);
  return server;
}

describe("credentials of a container", () => {
  test("are used until shortly before they expire", async () => {
    const { requests } = await startCredentialsEndpoint((number) => (number === 1 ? MINUTE_MS : 60 * MINUTE_MS));
    const server = await startServer((response) => sendOutput(response));
    const connection = createSdkConnection({ region: "eu-west-1", endpoint: server.url });
    const client = createTestWireClient({ connection });
    // The SDK refreshes credentials that have not expired in the background.
    const callAndGetAuthorization = async () => {
      await client.getItem(GET);
      return server.requests.at(-1)!.headers.authorization;
    };
    expect(await callAndGetAuthorization()).toContain("Credential=KEY1/");
    await expect.poll(callAndGetAuthorization).toContain("Credential=KEY2/");
    await callAndGetAuthorization();
    expect(server.requests.at(-1)!.headers["x-amz-security-token"]).toBe("token");
    expect(requests.map(({ path }) => path)).toEqual(["/credentials", "/credentials"]);
  });

  test("are requested once by concurrent calls", async () => {
    const { requests } = await startCredentialsEndpoint(() => 60 * MINUTE_MS);
    const connection = createSdkConnection({ region: "eu-west-1" });
    await Promise.all(Array.from({ length: 50 }, () => connection.getCredentials()));
    expect(requests).toHaveLength(1);
  });

  test("are replaced if DynamoDB rejects them", async () => {
    const { requests } = await startCredentialsEndpoint(() => 60 * MINUTE_MS);
    const connection = createSdkConnection({ region: "eu-west-1" });
    expect(await connection.getCredentials()).toMatchObject({ accessKeyId: "KEY1" });
    expect(await connection.getCredentials({ forceRefresh: true })).toMatchObject({ accessKeyId: "KEY2" });
    expect(await connection.getCredentials()).toMatchObject({ accessKeyId: "KEY2" });
    expect(requests).toHaveLength(2);
  });
});

test("a profile configures region, endpoint and credentials", async () => {
  const getPath = await writeFiles({
    config: "[profile test]\nregion = eu-north-1\nuse_dualstack_endpoint = true\n",
    credentials: "[test]\naws_access_key_id = KEY\naws_secret_access_key = secret\n",
  });
  vi.stubEnv("AWS_PROFILE", "test");
  vi.stubEnv("AWS_CONFIG_FILE", getPath("config"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", getPath("credentials"));
  const connection = createSdkConnection();
  expect(await connection.getRegion()).toBe("eu-north-1");
  expect(await connection.resolveEndpoint()).toEqual({
    url: new URL("https://dynamodb.eu-north-1.api.aws"),
    signingRegion: "eu-north-1",
  });
  expect(await connection.getCredentials()).toMatchObject({ accessKeyId: "KEY", secretAccessKey: "secret" });
});

test("a process provides credentials, which are refreshed before they expire", async () => {
  const getPath = await writeFiles({ count: "" });
  const script = `
    import { appendFileSync, readFileSync } from "node:fs";
    appendFileSync(process.argv[2], "x");
    const { length: count } = readFileSync(process.argv[2], "utf8");
    const AccessKeyId = "KEY" + count;
    const Expiration = new Date(Date.now() + (count === 1 ? 1 : 60) * ${MINUTE_MS}).toISOString();
    console.log(JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey: "secret", Expiration }));
  `;
  await writeFile(getPath("process.mjs"), script);
  const command = `"${process.execPath}" "${getPath("process.mjs")}" "${getPath("count")}"`;
  await writeFile(getPath("config"), `[default]\ncredential_process = ${command}\n`);
  vi.stubEnv("AWS_CONFIG_FILE", getPath("config"));
  const connection = createSdkConnection({ region: "eu-west-1" });
  expect(await connection.getCredentials()).toMatchObject({ accessKeyId: "KEY1" });
  await expect.poll(() => connection.getCredentials()).toMatchObject({ accessKeyId: "KEY2" });
  expect(await connection.getCredentials()).toMatchObject({ accessKeyId: "KEY2" });
  expect(await readFile(getPath("count"), "utf8")).toBe("xx");
});

test("calls are `unavailable` if there are no credentials", async () => {
  const client = createTestWireClient({ connection: createSdkConnection({ region: "eu-west-1" }) });
  const users = createDynamoUserRepository({ client, tableName: "Users" });
  await expect(users.get("id", createDeadlineContext())).rejects.toMatchObject({
    code: "unavailable",
    message: "The users table is unavailable: there are no credentials.",
  });
});
