import { expect } from "vitest";
import { problemTypes, type ProblemType } from "../index.ts";
import { expectDescribed } from "./expect-described.ts";

/**
 * Sends a request for a path of the service. What a {@link Client} is answered is as `/openapi.json` describes it, and
 * so is what it sends, unless that is refused.
 */
export type Ask = (path: string, init?: RequestInit) => Promise<Response>;

export interface Client {
  readonly ask: Ask;
  /** Sends `body` as JSON. */
  readonly send: (method: string, path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
  /** Creates a user with these fields changed and answers the id. */
  readonly create: (fields?: Record<string, unknown>) => Promise<string>;
  /** The user as `GET` answers it. */
  readonly read: (id: string) => Promise<Record<string, unknown>>;
}

export function createClient(askService: Ask): Client {
  const ask: Ask = async (path, init) => {
    const response = await askService(path, init);
    await expectDescribed(path, init ?? {}, response);
    return response;
  };
  const send: Client["send"] = (method, path, body, headers = {}) =>
    ask(path, { method, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
  return {
    ask,
    send,
    async create(fields) {
      const response = await send("POST", "/users", newUser(fields));
      expect(response.status).toBe(201);
      return String((await json(response))["user_id"]);
    },
    async read(id) {
      const response = await ask(`/users/${id}`);
      expect(response.status).toBe(200);
      return json(response);
    },
  };
}

let made = 0;

/** The example of the original API, with an address that no other has. */
export function newUser(fields: Record<string, unknown> = {}): Record<string, unknown> {
  made += 1;
  return {
    lastname: "Doe",
    dob: "1990-01-01",
    address: "123 Main St, City, Country",
    gender: "Male",
    email: `john.doe.${made}@example.com`,
    phone_number: "1234567890",
    ...fields,
  };
}

export async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

/** Expects a whole problem of this type, and gives its `errors`. */
export async function expectProblem(response: Response, type: ProblemType, instance?: string): Promise<unknown> {
  const { status, title } = problemTypes[type];
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const { errors, ...body } = await json(response);
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
