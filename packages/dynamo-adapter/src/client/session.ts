import type { Connection } from "./connection.ts";
import { DynamoError } from "./dynamo-error.ts";
import { createSigner, type Credentials, type Sign } from "./signature.ts";
import { createTransport, type Transport } from "./transport.ts";

/** A resolved endpoint, and how requests to it are signed and sent. */
interface OpenSession {
  readonly endpoint: URL;
  readonly transport: Transport;
  readonly sign: Sign;
}

/** The use of a connection by a client. Its functions throw a `DynamoError` of a call for which nothing was sent. */
export interface Session {
  /** Resolves the endpoint, once it succeeds. */
  readonly open: () => Promise<OpenSession>;
  readonly getCredentials: () => Promise<Credentials>;
  /** Returns newer credentials. Concurrent calls that fail with the same ones refresh them once. */
  readonly replaceCredentials: (expired: Credentials) => Promise<Credentials>;
  /** Closes all connections of the transport. */
  readonly close: () => void;
}

export function createSession(connection: Connection): Session {
  let opening: Promise<OpenSession> | undefined;
  let isClosed = false;

  return {
    async open() {
      if (isClosed) throw createError("NetworkError", "The client is closed.");
      return (opening ??= resolveEndpoint());
    },
    getCredentials: () => getCredentials(),
    async replaceCredentials(expired) {
      const current = await getCredentials();
      return current.accessKeyId === expired.accessKeyId ? getCredentials({ forceRefresh: true }) : current;
    },
    close() {
      isClosed = true;
      opening?.then(({ transport }) => transport.close()).catch(() => undefined);
    },
  };

  async function resolveEndpoint(): Promise<OpenSession> {
    try {
      const { url, signingRegion } = await connection.resolveEndpoint();
      const endpoint = new URL(url);
      if (!/^https?:$/.test(endpoint.protocol)) {
        throw createError("InvalidEndpoint", `The scheme of the endpoint ${endpoint.href} is neither http nor https.`);
      }
      // The path of the endpoint is a prefix of that of the operation, which is `/`.
      if (!endpoint.pathname.endsWith("/")) endpoint.pathname += "/";
      return { endpoint, transport: createTransport(endpoint), sign: createSigner(signingRegion) };
    } catch (error) {
      opening = undefined;
      throw toDynamoError(error);
    }
  }

  async function getCredentials(options?: { readonly forceRefresh: boolean }): Promise<Credentials> {
    try {
      return await connection.getCredentials(options);
    } catch (error) {
      throw toDynamoError(error);
    }
  }
}

function createError(name: string, message: string): DynamoError {
  return new DynamoError({ name, message, isOutcomeUnknown: false });
}

function toDynamoError(cause: unknown): DynamoError {
  if (cause instanceof DynamoError) return cause;
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  return new DynamoError({ name, message, isOutcomeUnknown: false, cause });
}
