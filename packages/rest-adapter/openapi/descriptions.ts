import type { OperationId } from "../src/operations.ts";
import { EXAMPLE_ID, EXAMPLE_UPDATE, EXAMPLE_USER } from "./examples.ts";
import type { ResponseHeader } from "./headers.ts";

/** The texts and the successful responses of an operation; everything else is in `operations.ts`. */
interface OperationDescription {
  readonly tag: "Users" | "Service";
  readonly summary: string;
  readonly description: string;
  /** By status code. */
  readonly responses: Readonly<Record<number, ResponseDescription>>;
}

export interface ResponseDescription {
  readonly description: string;
  readonly headers?: readonly ResponseHeader[];
  /** The schemas of the body, each with an example. A response without any has no body. */
  readonly bodies?: Readonly<Record<string, object>>;
}

const update = {
  tag: "Users",
  responses: {
    200: {
      description: "The user is updated. With `Prefer: return=representation` the body is the user.",
      headers: ["ETag", "Last-Modified", "Content-Location", "Preference-Applied"],
      bodies: { Updated: { message: "User updated" }, User: { ...EXAMPLE_USER, ...EXAMPLE_UPDATE } },
    },
  },
} as const;

const ok = { Status: { status: "ok" } };

/** Describes every operation. An operation without a description does not compile. */
export const DESCRIPTIONS = {
  createUser: {
    tag: "Users",
    summary: "Create a user",
    description: "Creates a user with a generated id.",
    responses: {
      201: {
        description: "The user is created. With `Prefer: return=representation` the body is the user.",
        headers: ["ETag", "Last-Modified", "Location", "Content-Location", "Idempotent-Replayed", "Preference-Applied"],
        bodies: { Created: { message: "User created", user_id: EXAMPLE_ID }, User: EXAMPLE_USER },
      },
    },
  },
  listUsers: {
    tag: "Users",
    summary: "List users, or find one by email or external id",
    description:
      "Returns users page by page. The pages contain every user that exists throughout exactly once, even if other users " +
      "are created or deleted concurrently. With `email` or `external_id` the list contains the user with this value, or " +
      "none.",
    responses: {
      200: {
        description: "A page of users.",
        headers: ["Link"],
        bodies: { UserPage: { users: [EXAMPLE_USER], next_cursor: null } },
      },
    },
  },
  getUser: {
    tag: "Users",
    summary: "Get a user",
    description: "Returns the fields that are set or, in the full view, everything that is known about the user.",
    responses: {
      200: { description: "The user.", headers: ["ETag", "Last-Modified"], bodies: { User: EXAMPLE_USER } },
      304: { description: "The user is not modified.", headers: ["ETag", "Last-Modified"] },
    },
  },
  updateUser: {
    ...update,
    summary: "Update a user",
    description: "Updates the fields that are sent and no others, as `PATCH` does.",
  },
  patchUser: {
    ...update,
    summary: "Update a user with a merge patch",
    description: "Updates the fields that are sent and no others (RFC 7396).",
  },
  deleteUser: {
    tag: "Users",
    summary: "Delete a user",
    description: "Deletes the user and releases its email and external id.",
    responses: { 200: { description: "The user is deleted.", bodies: { Deleted: { message: "User deleted" } } } },
  },
  getLiveness: {
    tag: "Service",
    summary: "Check liveness",
    description: "Returns 200 while the process is alive, even if the store is unavailable.",
    responses: { 200: { description: "The process is alive.", bodies: ok } },
  },
  getReadiness: {
    tag: "Service",
    summary: "Check readiness",
    description: "Returns 200 if the store is available and the server is not shutting down.",
    responses: { 200: { description: "The service is ready.", bodies: ok } },
  },
  getOpenApi: {
    tag: "Service",
    summary: "Get this document",
    description: "Returns the OpenAPI document of this API.",
    responses: { 200: { description: "An OpenAPI 3.1 document.", bodies: { OpenApi: {} } } },
  },
} as const satisfies Record<OperationId, OperationDescription>;
