import { problemTypes } from "../src/problem.ts";
import { newUserJsonSchema, storedFieldSchemas, userChangeJsonSchema } from "./field-schemas.ts";
import { responseHeaders } from "./headers.ts";
import { paths } from "./operations.ts";
import { parameters } from "./parameters.ts";
import { problems, problemSchemas } from "./problems.ts";
import { exampleId } from "./users.ts";

const userId = {
  type: "string",
  minLength: 1,
  description: "Made by the service: a UUID in lower case. Data from elsewhere may have another id.",
  examples: [exampleId],
};

const schemas = {
  NewUser: newUserJsonSchema(),
  UserChange: userChangeJsonSchema(),
  User: {
    type: "object",
    description:
      "A user. A field that is not set is absent: only `firstname` in what this service has stored; any in older data, " +
      "which is served as it stands, whatever today's rules say of it.",
    properties: { user_id: userId, ...storedFieldSchemas() },
    required: ["user_id"],
    additionalProperties: false,
  },
  UserPage: {
    type: "object",
    properties: {
      users: { type: "array", items: { $ref: "#/components/schemas/User" }, maxItems: 100 },
      next_cursor: {
        type: ["string", "null"],
        description: "The `cursor` of the next page; `null` when there are no more users.",
      },
    },
    required: ["users", "next_cursor"],
    additionalProperties: false,
  },
  Created: message("User created", { user_id: { ...userId, format: "uuid", description: "A UUID in lower case." } }),
  Updated: message("User updated"),
  Deleted: message("User deleted"),
  Status: {
    type: "object",
    properties: { status: { type: "string", const: "ok" } },
    required: ["status"],
    additionalProperties: false,
  },
  ...problemSchemas,
};

/** The description of the API that `/openapi.json` answers. `write.ts` writes it to where the app has it from. */
export const document = {
  openapi: "3.1.0",
  info: {
    title: "User management",
    version: "1.0.0",
    license: { name: "MIT", identifier: "MIT" },
    description: [
      "Keeps users: create, read, change, delete, list and find them by email.",
      "`HEAD` is answered wherever `GET` is, without a body. An unknown path is a 404 problem, a known path with another " +
        "method a 405 problem with `Allow` (or a 400 problem, where HTTP knows no such method). A query parameter that is not described here, or is given twice, is a 400 problem.",
      "An answer is not to be kept by a cache, except a user, whom the client that has read it may keep if it asks with the " +
        "`ETag` before every use.",
      `Every error is \`application/problem+json\` (RFC 9457); its \`type\` is one of ${Object.keys(problemTypes).length}, which the schema \`Problem\` lists.`,
    ].join("\n\n"),
  },
  // Where the document is, whatever the path that a gateway or a proxy puts before it.
  servers: [{ url: ".", description: "The server that answers this document" }],
  security: [],
  tags: [
    { name: "Users", description: "Users, one by one and page by page." },
    { name: "Service", description: "The service itself." },
  ],
  paths,
  components: {
    schemas,
    parameters,
    headers: responseHeaders,
    responses: Object.fromEntries(Object.entries(problems).map(([name, { response }]) => [name, response])),
  },
};

function message(text: string, others: Record<string, object> = {}): object {
  return {
    type: "object",
    properties: { message: { type: "string", const: text }, ...others },
    required: ["message", ...Object.keys(others)],
    additionalProperties: false,
  };
}
