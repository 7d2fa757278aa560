import type { Connection } from "./connection.ts";

/**
 * Creates a connection from the environment of a Lambda function, which always contains the region and credentials (AWS:
 * "Defined runtime environment variables"). `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL`, `AWS_USE_FIPS_ENDPOINT` and
 * `AWS_USE_DUALSTACK_ENDPOINT` select the endpoint, as for the AWS SDK. The partitions are those of the public regions, of
 * China and of GovCloud.
 */
export function createEnvironmentConnection(environment: Readonly<Record<string, string | undefined>>): Connection {
  return {
    async resolveEndpoint() {
      const signingRegion = requireVariable("AWS_REGION");
      return { url: new URL(getEndpoint(environment, signingRegion)), signingRegion };
    },
    getCredentials: async () => ({
      accessKeyId: requireVariable("AWS_ACCESS_KEY_ID"),
      secretAccessKey: requireVariable("AWS_SECRET_ACCESS_KEY"),
      sessionToken: environment["AWS_SESSION_TOKEN"] || undefined,
    }),
  };

  function requireVariable(name: string): string {
    const value = environment[name];
    if (value) return value;
    // The name of the SDK's error, which means that there are no credentials.
    throw Object.assign(new Error(`The variable ${name} is not set.`), { name: "CredentialsProviderError" });
  }
}

function getEndpoint(environment: Readonly<Record<string, string | undefined>>, region: string): string {
  const configured = environment["AWS_ENDPOINT_URL_DYNAMODB"] || environment["AWS_ENDPOINT_URL"];
  if (configured) return configured;
  const isChina = region.startsWith("cn-");
  const isGov = region.startsWith("us-gov-");
  const hasFips = environment["AWS_USE_FIPS_ENDPOINT"]?.toLowerCase() === "true";
  const hasDualStack = environment["AWS_USE_DUALSTACK_ENDPOINT"]?.toLowerCase() === "true";
  // The endpoints of GovCloud comply with FIPS under their usual names.
  const service = hasFips && !(isGov && !hasDualStack) ? "dynamodb-fips" : "dynamodb";
  if (hasDualStack) return `https://${service}.${region}.${isChina ? "api.amazonwebservices.com.cn" : "api.aws"}`;
  return `https://${service}.${region}.${isChina ? "amazonaws.com.cn" : "amazonaws.com"}`;
}
