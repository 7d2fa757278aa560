import { ApiError, createUsersClient, type UserPage, type UsersClient } from "@user-management/client";
import { SCOPES, type Scope } from "@user-management/domain";

/** The number of users in a view of the list. */
export const PAGE_SIZE = 50;

/** An operator that reads waits for one retry only; an export and an import continue after a short outage. */
const RETRIES_OF_A_READER = 1;

const baseUrl = new URL(".", location.href);

/** A connection with the scopes of its key. */
export interface Session {
  /** For requests whose result an operator waits for. */
  readonly users: UsersClient;
  /** For the requests of an export or import. */
  readonly transfers: UsersClient;
  readonly scopes: ReadonlySet<Scope>;
  /** Whether the service accepts requests without a key. */
  readonly isAnonymous: boolean;
  /** The first page of the list; `undefined` without the scope for it. */
  readonly firstPage: UserPage | undefined;
}

/**
 * Connects with a key, or without one. The first page of the list shows whether the service accepts it.
 *
 * @param onUnauthenticated called whenever the service rejects the credential later
 * @throws ApiError, for example `unauthenticated`; TypeError if a key may not be sent
 */
export async function connect(key: string | undefined, onUnauthenticated: () => void): Promise<Session> {
  let isConnected = false;
  const options = {
    baseUrl,
    apiKey: key,
    async fetch(url: string, init: RequestInit) {
      const response = await fetch(url, init);
      if (response.status === 401 && isConnected) onUnauthenticated();
      return response;
    },
  };
  const users = createUsersClient({ ...options, retries: RETRIES_OF_A_READER });
  const transfers = createUsersClient(options);
  const firstPage = await getFirstPage(users);
  const scopes = key === undefined ? SCOPES : await findScopes(key, firstPage !== undefined);
  isConnected = true;
  return { users, transfers, scopes: new Set(scopes), isAnonymous: key === undefined, firstPage };
}

async function getFirstPage(users: UsersClient): Promise<UserPage | undefined> {
  try {
    const { value } = await users.pages({ pageSize: PAGE_SIZE, view: "full" }).next();
    return value ?? undefined;
  } catch (error) {
    if (error instanceof ApiError && error.type === "insufficient-scope") return undefined;
    throw error;
  }
}

/** A request of each scope to which the service responds with 403 without the scope, and otherwise with 400. */
const PROBES = {
  "users:read": "GET",
  "users:write": "PATCH",
  "users:delete": "DELETE",
} as const satisfies Partial<Record<Scope, string>>;

/**
 * Finds the scopes of a key. The API has no operation that lists them, but it authorizes a request before it validates
 * the query: an unknown parameter makes a request invalid, so that it changes nothing, in no case reaches the store, and
 * is not audited.
 */
async function findScopes(key: string, canList: boolean): Promise<Scope[]> {
  const url = new URL("users/-?probe", baseUrl);
  const headers = { authorization: `Bearer ${key}` };
  const probes = Object.entries(PROBES).map(async ([scope, method]) => {
    const { status } = await fetch(url, { method, headers }).catch((cause: unknown) => {
      throw new ApiError("network-error", "The scopes of the key could not be found.", { cause });
    });
    return status === 403 ? [] : [scope as Scope];
  });
  return [...(canList ? (["users:list"] as const) : []), ...(await Promise.all(probes)).flat()];
}
