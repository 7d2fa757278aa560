import { EXAMPLE_FIELDS } from "@user-management/domain";
import { expect } from "vitest";
import { PROBLEM_TYPES, type ProblemType } from "../index.ts";
import { expectDocumented } from "./expect-documented.ts";

/** Sends a request to the service. `path` includes the query. */
export type SendRequest = (path: string, init?: RequestInit) => Promise<Response>;

/** A client that checks every response, and every successful request, against the OpenAPI document. */
export interface TestClient {
  readonly request: SendRequest;
  /** Sends `body` as JSON. */
  readonly sendJson: (
    method: string,
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ) => Promise<Response>;
  /** Creates the user of {@link newUserBody} and returns the id. */
  readonly createUser: (fields?: Record<string, unknown>) => Promise<string>;
  /** Returns the representation of a user. */
  readonly getUser: (id: string) => Promise<Record<string, unknown>>;
}

/** Starts a service without users and returns a client for it. Vitest's `onTestFinished` stops the service. */
export type StartService = () => TestClient | Promise<TestClient>;

export interface TestClientOptions {
  /** An API key or access token for every request. By default requests have no credential. */
  readonly credential?: string | undefined;
}

export function createTestClient(sendRequest: SendRequest, { credential }: TestClientOptions = {}): TestClient {
  const authorization = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
  const request: SendRequest = async (path, init = {}) => {
    const headers = { ...authorization, ...Object.fromEntries(new Headers(init.headers)) };
    const response = await sendRequest(path, credential === undefined ? init : { ...init, headers });
    await expectDocumented(path, init, response);
    return response;
  };
  const sendJson: TestClient["sendJson"] = (method, path, body, headers = {}) =>
    request(path, { method, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
  return {
    request,
    sendJson,
    async createUser(fields) {
      const response = await sendJson("POST", "/users", newUserBody(fields));
      expect(response.status).toBe(201);
      return String((await readJson(response))["user_id"]);
    },
    async getUser(id) {
      const response = await request(`/users/${id}`);
      expect(response.status).toBe(200);
      return readJson(response);
    },
  };
}

let bodyCount = 0;

/** Returns the body of a create: the example of the domain with a unique email, overridden by `fields`. */
export function newUserBody(fields: Record<string, unknown> = {}): Record<string, unknown> {
  bodyCount += 1;
  return { ...EXAMPLE_FIELDS, email: `john.doe.${bodyCount}@example.com`, ...fields };
}

export async function readJson(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

/** Expects a response with a complete problem of this type, and returns the `errors` of the problem. */
export async function expectProblem(response: Response, type: ProblemType, instance?: string): Promise<unknown> {
  const { status, title } = PROBLEM_TYPES[type];
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const { errors, ...body } = await readJson(response);
  expect(body).toEqual({
    type: `urn:user-management:problem:${type}`,
    title,
    status,
    detail: expect.stringMatching(/\w/),
    instance: instance ?? expect.stringMatching(/^\//),
    request_id: response.headers.get("x-request-id"),
  });
  expect(response.status).toBe(status);
  return errors;
}
