import { JSON_TYPES, PATCH_TYPES } from "../src/user-routes.ts";
import { exampleChange, exampleFields } from "./field-schemas.ts";
import { headerRefs, type ResponseHeader } from "./headers.ts";
import { parameterRefs, type ParameterName } from "./parameters.ts";
import { problems, type ProblemResponseName } from "./problems.ts";
import { exampleId, exampleUser } from "./users.ts";

interface Operation {
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly ParameterName[];
  readonly requestBody?: object;
  /** What it answers when it is done. */
  readonly responses: Record<number, object>;
  /** What it answers otherwise, besides what every request can be answered. */
  readonly problems?: readonly ProblemResponseName[];
}

const store: ProblemResponseName[] = ["Internal", "StoreUnavailable"];
const body: ProblemResponseName[] = ["PayloadTooLarge", "UnsupportedMediaType"];

const createUser = operation({
  operationId: "createUser",
  tags: ["Users"],
  summary: "Create a user",
  description: "Adds a user with an id that the service makes.",
  parameters: ["IdempotencyKey", "Prefer"],
  requestBody: requestBody("NewUser", JSON_TYPES, exampleFields),
  responses: {
    201: answer(
      "The user is created. With `Prefer: return=representation` the body is the user.",
      { Created: { message: "User created", user_id: exampleId }, User: exampleUser },
      ["ETag", "Last-Modified", "Location", "Content-Location", "Idempotent-Replayed", "Preference-Applied"],
    ),
  },
  problems: ["InvalidNewUser", "EmailTaken", ...body, "IdempotencyKeyReused", ...store],
});

const listUsers = operation({
  operationId: "listUsers",
  tags: ["Users"],
  summary: "List users, or find one by email",
  description:
    "Pages cover every user who exists throughout exactly once, whatever happens meanwhile to others. " +
    "With `email` the list has the one user with that address, or none.",
  parameters: ["Limit", "Cursor", "Email"],
  responses: { 200: answer("A page of users.", { UserPage: { users: [exampleUser], next_cursor: null } }, ["Link"]) },
  problems: ["InvalidRequest", ...store],
});

const getUser = operation({
  operationId: "getUser",
  tags: ["Users"],
  summary: "Read a user",
  description: "Answers the fields that are set.",
  parameters: ["UserId", "IfNoneMatch", "IfModifiedSince"],
  responses: {
    200: answer("The user.", { User: exampleUser }, ["ETag", "Last-Modified"]),
    304: { description: "The user is as the client has it.", headers: headerRefs(["ETag", "Last-Modified"]) },
  },
  problems: ["InvalidRequest", "NotFound", ...store],
});

const change = {
  tags: ["Users"],
  parameters: ["UserId", "IfMatch", "IfNoneMatch", "IfUnmodifiedSince", "Prefer"],
  responses: {
    200: answer(
      "The user is changed. With `Prefer: return=representation` the body is the user.",
      { Updated: { message: "User updated" }, User: { ...exampleUser, ...exampleChange } },
      ["ETag", "Last-Modified", "Content-Location", "Preference-Applied"],
    ),
  },
  problems: ["InvalidChange", "NotFound", "EmailTaken", "StaleVersion", ...body, ...store],
} as const;

const updateUser = operation({
  ...change,
  operationId: "updateUser",
  summary: "Change a user",
  description: "A partial update: a field that is not sent stays as it is. The same as `PATCH`.",
  requestBody: requestBody("UserChange", JSON_TYPES, exampleChange),
});

const patchUser = operation({
  ...change,
  operationId: "patchUser",
  summary: "Change a user by a merge patch",
  description: "Changes the fields that are sent, and no others (RFC 7396).",
  requestBody: requestBody("UserChange", PATCH_TYPES, exampleChange),
});

const deleteUser = operation({
  operationId: "deleteUser",
  tags: ["Users"],
  summary: "Delete a user",
  description: "Removes the user and frees the email address.",
  parameters: ["UserId", "IfMatch", "IfNoneMatch", "IfUnmodifiedSince"],
  responses: { 200: answer("The user is deleted.", { Deleted: { message: "User deleted" } }) },
  problems: ["InvalidRequest", "NotFound", "StaleVersion", ...store],
});

const isAlive = operation({
  operationId: "isAlive",
  tags: ["Service"],
  summary: "Ask whether the process lives",
  description: "Answers as long as the process does, whatever the state of the store.",
  responses: { 200: answer("It lives.", { Status: { status: "ok" } }) },
  problems: ["InvalidRequest"],
});

const isReady = operation({
  operationId: "isReady",
  tags: ["Service"],
  summary: "Ask whether the service can serve",
  description: "Asks the store, and says when the server is about to end.",
  responses: { 200: answer("It can serve.", { Status: { status: "ok" } }) },
  problems: ["InvalidRequest", "Internal", "NotReady"],
});

const readDescription = operation({
  operationId: "readDescription",
  tags: ["Service"],
  summary: "Read this description",
  description: "This document.",
  responses: {
    200: {
      description: "An OpenAPI 3.1 document.",
      headers: headerRefs([]),
      content: {
        "application/json": {
          schema: {
            type: "object",
            properties: {
              openapi: { type: "string", const: "3.1.0" },
              info: { type: "object" },
              paths: { type: "object" },
            },
            required: ["openapi", "info", "paths"],
          },
        },
      },
    },
  },
  problems: ["InvalidRequest"],
});

/** Every route of the app, as OpenAPI writes them. */
export const paths = {
  "/users": { post: createUser, get: listUsers },
  "/users/{user_id}": { get: getUser, put: updateUser, patch: patchUser, delete: deleteUser },
  "/healthz": { get: isAlive },
  "/readyz": { get: isReady },
  "/openapi.json": { get: readDescription },
};

function operation({ parameters = [], problems: own = [], responses, ...rest }: Operation): object {
  const names: ProblemResponseName[] = [...own, "RequestTimeout", "HeadersTooLarge"];
  const refs = names.map((name) => [problems[name].status, { $ref: `#/components/responses/${name}` }]);
  return {
    ...rest,
    parameters: parameterRefs(parameters),
    // Numbers as keys come in order.
    responses: { ...responses, ...Object.fromEntries(refs) },
  };
}

/** @param bodies the schemas that the body can be of, each with an example */
function answer(description: string, bodies: Record<string, object>, headers: ResponseHeader[] = []): object {
  const refs = Object.keys(bodies).map((name) => ({ $ref: `#/components/schemas/${name}` }));
  const schema = refs.length === 1 ? refs[0] : { oneOf: refs };
  const examples = Object.fromEntries(Object.entries(bodies).map(([name, value]) => [name, { value }]));
  return { description, headers: headerRefs(headers), content: { "application/json": { schema, examples } } };
}

function requestBody(schema: string, types: readonly string[], example: object): object {
  const media = { schema: { $ref: `#/components/schemas/${schema}` }, example };
  return { required: true, content: Object.fromEntries(types.map((type) => [type, media])) };
}
