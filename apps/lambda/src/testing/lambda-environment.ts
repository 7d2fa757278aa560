import { dirname } from "node:path";
import { RUNTIME_CLIENT_PATH } from "./runtime-client.ts";

/**
 * Returns the options with which Lambda starts Node.js, according to public copies of `/var/runtime/bootstrap` from
 * AWS's images (older ones than nodejs24.x). They matter: with `--expose-gc` Node.js does not use the code cache of its
 * own modules.
 */
export function getNodeOptions(memoryMb: number): string[] {
  const youngGenerationMb = Math.floor(memoryMb / 10);
  return [
    "--expose-gc",
    "--max-http-header-size=81920",
    `--max-semi-space-size=${Math.floor(youngGenerationMb / 2)}`,
    `--max-old-space-size=${memoryMb - youngGenerationMb}`,
  ];
}

/** The values that differ between execution environments. */
interface EnvironmentOptions {
  /** The folder with the code of the function. */
  readonly root: string;
  /** The `host:port` of the Runtime API. */
  readonly address: string;
  readonly memoryMb: number;
}

/**
 * Returns the environment variables that Lambda sets (AWS: "Working with Lambda environment variables", under "Defined
 * runtime environment variables").
 */
export function getLambdaVariables({ root, address, memoryMb }: EnvironmentOptions): Record<string, string> {
  return {
    AWS_LAMBDA_RUNTIME_API: address,
    AWS_LAMBDA_FUNCTION_NAME: "users",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/users",
    AWS_LAMBDA_LOG_STREAM_NAME: "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    LAMBDA_TASK_ROOT: root,
    LAMBDA_RUNTIME_DIR: dirname(RUNTIME_CLIENT_PATH),
    _HANDLER: "index.handler",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
  };
}
