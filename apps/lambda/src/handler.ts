import { ANONYMOUS_CALLER, createUserService } from "@user-management/domain";
import {
  createDynamoApiKeyRepository,
  createDynamoUserRepository,
  createEnvironmentConnection,
  createWireClient,
} from "@user-management/dynamo-adapter/wire";
import { nodePlatform } from "@user-management/node-platform";
import { createFunctionAuthentication } from "./authentication.ts";
import { createHandler } from "./create-handler.ts";
import { createLog } from "./log.ts";
import { readFunctionSettings } from "./settings.ts";

/** The timeout of the first read. Lambda limits the whole initialization to 10 seconds. */
const PING_TIMEOUT_MS = 4_500;

/**
 * An event of an HTTP API whose request stores nothing. It is handled during initialization, so that the code is loaded and
 * compiled before the first invocation.
 */
const FIRST_EVENT = {
  version: "2.0",
  rawPath: "/users",
  rawQueryString: "",
  headers: { "content-type": "application/json" },
  requestContext: { domainName: "localhost", stage: "$default", http: { method: "POST", path: "/users" } },
  body: "{}",
  isBase64Encoded: false,
};

// The composition root. It runs once per execution environment, during initialization.
const settings = readFunctionSettings(process.env);
const log = createLog(settings.LOG_LEVEL);
const client = createWireClient({ connection: createEnvironmentConnection(process.env) });
const users = createUserService({
  users: createDynamoUserRepository({ client, tableName: settings.USERS_TABLE }),
  ...nodePlatform,
});
const tokens = await createTokenVerifier();
const { authenticate, open, settle } = createFunctionAuthentication({
  mode: settings.USERS_AUTH,
  keys: createDynamoApiKeyRepository({ client, tableName: settings.USERS_KEYS_TABLE }),
  tokens,
  log,
});
const { handler, warmUp } = createHandler({
  users,
  authenticate,
  settle,
  allowedOrigins: settings.USERS_ALLOWED_ORIGINS,
  basePath: settings.BASE_PATH,
  log,
});
await Promise.all([open(), loadIssuerKeys(), openConnection(), warmUp(FIRST_EVENT)]);

export { handler };

/** The verifier is a file of its own in the zip, which is loaded only if access tokens are enabled. */
async function createTokenVerifier() {
  if (!settings.tokens || settings.USERS_AUTH === "none") return undefined;
  const { createJwtVerifier } = await import("@user-management/jwt-adapter");
  return createJwtVerifier({ ...settings.tokens, ...nodePlatform, onError: logIssuerError });
}

/** Loads the keys of the issuer. An unavailable issuer does not prevent the start. */
async function loadIssuerKeys(): Promise<void> {
  await tokens?.load().catch(logIssuerError);
}

function logIssuerError(error: unknown): void {
  log.warn("The keys of the token issuer are unavailable.", error);
}

/** Opens the connection to the table with a read. An unavailable table does not prevent the start. */
async function openConnection(): Promise<void> {
  const signal = AbortSignal.timeout(PING_TIMEOUT_MS);
  const context = { requestId: "initialization", caller: ANONYMOUS_CALLER, signal };
  await users.ping(context).catch((error: unknown) => log.warn("The users table is unavailable.", error));
}
