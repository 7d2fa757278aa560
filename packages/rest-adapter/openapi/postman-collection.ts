import { EXAMPLE_FIELDS } from "@user-management/domain";
import { OPERATION_LIST, type Operation } from "../src/operations.ts";
import { DESCRIPTIONS } from "./descriptions.ts";
import { document } from "./document.ts";
import { EXAMPLE_ID, EXAMPLE_UPDATE } from "./examples.ts";
import { listParameters, PARAMETERS, type ParameterName } from "./parameters.ts";

/** The values of optional parameters once they are enabled. `{{$guid}}` is a new UUID in each request. */
const PARAMETER_VALUES: Partial<Record<ParameterName, string>> = {
  limit: String(PARAMETERS.limit.schema.default),
  email: "{{email}}",
  status: "suspended",
  view: "full",
  "Idempotency-Key": "{{$guid}}",
  "X-Request-Id": "{{$guid}}",
  Prefer: "return=representation",
  "If-Match": '"1"',
  "If-None-Match": '"1"',
};

/** The body of the create. Its email is a new one in each request, because the service may have the example already. */
const NEW_USER = { ...EXAMPLE_FIELDS, email: "john.doe.{{$guid}}@example.com" };

/**
 * Creates the Postman collection (format 2.1), which Bruno, Insomnia and newman read too. It contains each operation
 * with the example of the document, in an order in which all requests succeed. Optional parameters are present and
 * disabled.
 */
export function createPostmanCollection(): object {
  return {
    info: {
      name: document.info.title,
      description: document.info.description,
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    auth: { type: "bearer", bearer: [{ key: "token", value: "{{credential}}", type: "string" }] },
    variable: [
      { key: "baseUrl", value: "http://127.0.0.1:5000" },
      { key: "credential", value: "", description: "An API key or access token; empty if the server needs none." },
      { key: "user_id", value: EXAMPLE_ID },
      { key: "email", value: EXAMPLE_FIELDS.email },
    ],
    item: document.tags.map(({ name, description }) => ({ name, description, item: createRequests(name) })),
  };
}

function createRequests(tag: string): object[] {
  return OPERATION_LIST.filter(({ id }) => DESCRIPTIONS[id].tag === tag).map(createRequest);
}

function createRequest(operation: (typeof OPERATION_LIST)[number]): object {
  const { id, scope, requestBody: body } = operation;
  const { summary, description, responses } = DESCRIPTIONS[id];
  const path = operation.path.slice(1).replace("{user_id}", "{{user_id}}").split("/");
  const example = body?.schema === "NewUser" ? NEW_USER : EXAMPLE_UPDATE;
  return {
    name: summary,
    request: {
      ...(scope === "public" && { auth: { type: "noauth" } }),
      method: operation.method,
      description,
      url: {
        raw: `{{baseUrl}}/${path.join("/")}`,
        host: ["{{baseUrl}}"],
        path,
        query: createParameters(operation, "query"),
      },
      header: [
        ...(body ? [{ key: "Content-Type", value: body.mediaTypes[0] }] : []),
        ...createParameters(operation, "header"),
      ],
      ...(body && { body: { mode: "raw", raw: JSON.stringify(example, undefined, 2) } }),
    },
    event: [{ listen: "test", script: { type: "text/javascript", exec: createTest(Object.keys(responses)[0]!) } }],
  };
}

function createParameters(operation: Operation, location: "query" | "header"): object[] {
  return listParameters(operation)
    .filter((name) => PARAMETERS[name].in === location)
    .map((name) => ({
      key: name,
      value: PARAMETER_VALUES[name] ?? "",
      description: PARAMETERS[name].description,
      disabled: true,
    }));
}

/** Checks the status code of the response. The following requests use the user that was created, and require it. */
function createTest(status: string): string[] {
  const check = `pm.test("returns ${status}", () => pm.response.to.have.status(${status}));`;
  if (status !== "201") return [check];
  return [
    check,
    "if (pm.response.code === 201) {",
    '  pm.collectionVariables.set("user_id", pm.response.json().user_id);',
    '  pm.collectionVariables.set("email", JSON.parse(pm.request.body.raw).email);',
    "} else {",
    "  pm.execution.setNextRequest(null);",
    "}",
  ];
}
