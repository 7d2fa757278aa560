import type { UsersClient, UsersClientOptions } from "../index.ts";
import { buildNewUser } from "./fixtures.ts";
import { startProxiedClient, type Behavior, type Proxy } from "./start-proxy.ts";

export const KEY = "umk_secret-0._~+/==";

const json = { "content-type": "application/json" };

/** A response that every method accepts. */
export const success: Behavior = {
  status: 200,
  headers: { ...json, etag: '"1"' },
  body: '{"message":"Done","user_id":"id","users":[],"next_cursor":null}',
};

export function buildProblem(status: number, name: string): Behavior {
  const problem = { type: `urn:user-management:problem:${name}`, title: "A problem", status, detail: "A detail." };
  return { status, headers: { "content-type": "application/problem+json" }, body: JSON.stringify(problem) };
}

export const unauthenticated = buildProblem(401, "unauthenticated");

export const methods: [label: string, call: (users: UsersClient) => Promise<unknown>][] = [
  ["create", (users) => users.create(buildNewUser())],
  ["get", (users) => users.get("id")],
  ["update", (users) => users.update("id", { lastname: "Roe" })],
  ["a conditional update", (users) => users.update("id", { lastname: "Roe" }, { ifMatch: '"1"' })],
  ["delete", (users) => users.delete("id")],
  ["a conditional delete", (users) => users.delete("id", { ifMatch: '"1"' })],
  ["findByEmail", (users) => users.findByEmail("john@example.com")],
  ["findByExternalId", (users) => users.findByExternalId("42")],
  ["list", (users) => users.list().next()],
  ["pages", (users) => users.pages().next()],
];

/** Returns a function that resolves to these tokens in order, and then repeats the last one. */
export function createToken(...values: string[]): () => Promise<string> {
  let calls = 0;
  return async () => values[Math.min(calls++, values.length - 1)]!;
}

export const getCredentials = ({ requests }: Pick<Proxy, "requests">) =>
  requests.map(({ headers }) => headers.authorization ?? "none");

/** Starts a client of a server that sends only these responses. */
export const startClient = (responses: readonly Behavior[], options: Partial<UsersClientOptions>) =>
  startProxiedClient("http://127.0.0.1:1", responses, options);
