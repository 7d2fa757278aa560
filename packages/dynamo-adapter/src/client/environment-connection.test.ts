import { beforeEach, describe, expect, test, vi } from "vitest";
import { createDynamoUserRepository } from "../index.ts";
import { createTestWireClient } from "../testing/clients.ts";
import { sendOutput, startServer } from "../testing/local-server.ts";
import { createDeadlineContext } from "../testing/faulty-table.ts";
import { isolateEnvironment } from "../testing/isolate-environment.ts";
import { createEnvironmentConnection } from "./environment-connection.ts";
import { createSdkConnection } from "./sdk-connection.ts";

const CREDENTIALS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };

/** The regions of the partitions `aws`, `aws-cn` and `aws-us-gov` (AWS: "DynamoDB endpoints and quotas"). */
const REGIONS = (
  "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 " +
  "ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 " +
  "eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 " +
  "me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2 " +
  "cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1"
).split(" ");

beforeEach(isolateEnvironment);

/** Resolves the endpoint in an environment, with the AWS SDK and without it. */
async function resolveEndpoints(environment: Record<string, string>) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const [expected, actual] = await Promise.all([
    createSdkConnection().resolveEndpoint(),
    createEnvironmentConnection(process.env).resolveEndpoint(),
  ]);
  return { expected, actual };
}

describe("the endpoint is that of the AWS SDK", () => {
  test.for<[label: string, environment: Record<string, string>]>([
    ["without settings", {}],
    ["with FIPS", { AWS_USE_FIPS_ENDPOINT: "true" }],
    ["with dual stack", { AWS_USE_DUALSTACK_ENDPOINT: "true" }],
    ["with FIPS and dual stack", { AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" }],
    ["without FIPS and dual stack", { AWS_USE_FIPS_ENDPOINT: "false", AWS_USE_DUALSTACK_ENDPOINT: "false" }],
  ])("in every region %s", async ([, environment]) => {
    for (const AWS_REGION of REGIONS) {
      const { expected, actual } = await resolveEndpoints({ ...CREDENTIALS, AWS_REGION, ...environment });
      expect(actual, AWS_REGION).toEqual(expected);
    }
  });

  test.for<[label: string, environment: Record<string, string>]>([
    ["AWS_ENDPOINT_URL", { AWS_ENDPOINT_URL: "http://localhost:8000" }],
    [
      "AWS_ENDPOINT_URL_DYNAMODB",
      { AWS_ENDPOINT_URL_DYNAMODB: "https://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com" },
    ],
    ["both", { AWS_ENDPOINT_URL: "http://localhost:1", AWS_ENDPOINT_URL_DYNAMODB: "http://localhost:8000/base" }],
    ["an IPv6 address", { AWS_ENDPOINT_URL: "http://[::1]:8000" }],
    ["an empty value", { AWS_ENDPOINT_URL: "", AWS_ENDPOINT_URL_DYNAMODB: "" }],
  ])("if it is configured by %s", async ([, environment]) => {
    const { expected, actual } = await resolveEndpoints({ ...CREDENTIALS, AWS_REGION: "eu-west-1", ...environment });
    expect(actual).toEqual(expected);
  });
});

describe("the credentials", () => {
  test.for<[label: string, environment: Record<string, string>, sessionToken: string | undefined]>([
    ["without a session token", {}, undefined],
    ["with a session token", { AWS_SESSION_TOKEN: "token" }, "token"],
    ["with an empty session token", { AWS_SESSION_TOKEN: "" }, undefined],
  ])("are those of the AWS SDK %s", async ([, environment, sessionToken]) => {
    for (const [name, value] of Object.entries({ ...CREDENTIALS, ...environment })) vi.stubEnv(name, value);
    const expected = await createSdkConnection({ region: "eu-west-1" }).getCredentials();
    const actual = await createEnvironmentConnection(process.env).getCredentials();
    expect(actual).toEqual({ accessKeyId: "key", secretAccessKey: "secret", sessionToken });
    expect(expected).toMatchObject(JSON.parse(JSON.stringify(actual)) as object);
  });

  test.for(["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])("are unavailable without %s", async (name) => {
    const environment = { AWS_REGION: "eu-west-1", ...CREDENTIALS, [name]: "" };
    const client = createTestWireClient({ connection: createEnvironmentConnection(environment) });
    const users = createDynamoUserRepository({ client, tableName: "Users" });
    await expect(users.get("id", createDeadlineContext())).rejects.toMatchObject({
      code: "unavailable",
      message: "The users table is unavailable: there are no credentials.",
      cause: { name: "CredentialsProviderError", message: `The variable ${name} is not set.` },
    });
  });

  test.for([
    ["AWS_SESSION_TOKEN", "a\r\nhost: b", "the credentials contain an invalid character"],
    ["AWS_ENDPOINT_URL", "localhost:8000", "the endpoint is not a URL with http or https"],
    ["AWS_ENDPOINT_URL", "htps://localhost", "the endpoint is not a URL with http or https"],
  ] as const)("are not sent with %s=%j", async ([name, value, reason]) => {
    const server = await startServer((response) => sendOutput(response));
    const environment = { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: server.url, ...CREDENTIALS, [name]: value };
    const client = createTestWireClient({ connection: createEnvironmentConnection(environment) });
    const users = createDynamoUserRepository({ client, tableName: "Users" });
    await expect(users.get("id", createDeadlineContext())).rejects.toMatchObject({
      code: "unavailable",
      message: `The users table is unavailable: ${reason}.`,
    });
    expect(server.sockets.size).toBe(0);
  });
});
