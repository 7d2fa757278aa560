import { onTestFinished, vi } from "vitest";

/**
 * Removes the AWS settings of the machine from the environment until the test finishes. Neither files nor instance
 * metadata are read.
 */
export function isolateEnvironment(): void {
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
}
