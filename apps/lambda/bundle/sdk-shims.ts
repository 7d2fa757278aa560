/*
 * Replaces parts of the AWS SDK in the bundle that a function does not need.
 */

/**
 * Reads the credentials from the environment, where a function always has them (AWS: "Defined runtime environment
 * variables"). The SDK's credential chain is a third of the SDK.
 */
export const defaultProvider = () => async () => ({
  accessKeyId: process.env["AWS_ACCESS_KEY_ID"] ?? "",
  secretAccessKey: process.env["AWS_SECRET_ACCESS_KEY"] ?? "",
  ...(process.env["AWS_SESSION_TOKEN"] && { sessionToken: process.env["AWS_SESSION_TOKEN"] }),
});

/** Endpoint discovery is disabled: DynamoDB has one endpoint per region. */
export function EndpointCache(): void {}

/** No operation of DynamoDB streams events. */
export function EventStreamSerde(): void {}

/** An environment handles one invocation after another, so the SDK reads the trace id from the environment. */
export const InvokeStore = { getInstanceAsync: async () => undefined };
