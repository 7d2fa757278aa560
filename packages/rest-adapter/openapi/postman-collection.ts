import { document } from "./document.ts";
import { exampleFields } from "./field-schemas.ts";
import { parameters, type ParameterName } from "./parameters.ts";

/** What is sent for an optional parameter when it is ticked; `{{$guid}}` is a new UUID each time. */
const values: Record<string, string> = {
  limit: String(parameters.Limit.schema.default),
  email: exampleFields.email,
  "Idempotency-Key": "{{$guid}}",
  "X-Request-Id": "{{$guid}}",
  Prefer: "return=representation",
  "If-Match": '"1"',
  "If-None-Match": '"1"',
};

/** An operation, as far as a request is made of it. */
interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly { readonly $ref: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly example: object }> };
  readonly responses: object;
}

/**
 * The API as a collection for Postman, and whatever else reads its format 2.1 (Bruno, Insomnia, newman): every operation
 * with the document's example, in the order of a user's life, so that it can be run from top to bottom. What is optional
 * is there to be ticked.
 */
export function postmanCollection(): object {
  return {
    info: {
      name: document.info.title,
      description: document.info.description,
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    variable: [
      { key: "baseUrl", value: "http://127.0.0.1:5000" },
      { key: "user_id", value: parameters.UserId.example },
    ],
    item: document.tags.map(({ name, description }) => ({ name, description, item: requestsUnder(name) })),
  };
}

function requestsUnder(tag: string): object[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).flatMap(([method, operation]) =>
      operation.tags.includes(tag) ? [request(path, method.toUpperCase(), operation)] : [],
    ),
  );
}

function request(path: string, method: string, { summary, description, requestBody, responses, ...rest }: Operation) {
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const optional = rest.parameters.map(({ $ref }) => parameters[$ref.split("/").at(-1) as ParameterName]);
  const segments = path.slice(1).replace("{user_id}", "{{user_id}}").split("/");
  return {
    name: summary,
    request: {
      method,
      description,
      url: { raw: `{{baseUrl}}/${segments.join("/")}`, host: ["{{baseUrl}}"], path: segments, query: given("query") },
      header: [...(type === undefined ? [] : [{ key: "Content-Type", value: type }]), ...given("header")],
      ...(media && { body: { mode: "raw", raw: JSON.stringify(media.example, undefined, 2) } }),
    },
    event: [{ listen: "test", script: { type: "text/javascript", exec: script(Object.keys(responses)[0]!) } }],
  };

  function given(place: string): object[] {
    return optional
      .filter((parameter) => parameter.in === place)
      .map((parameter) => ({
        key: parameter.name,
        value: values[parameter.name] ?? "",
        description: parameter.description,
        disabled: true,
      }));
  }
}

/** What is expected of the answer; a user who is created is the one of the requests that follow. */
function script(status: string): string[] {
  return [
    `pm.test("answers ${status}", () => pm.response.to.have.status(${status}));`,
    ...(status === "201" ? ['pm.collectionVariables.set("user_id", pm.response.json().user_id);'] : []),
  ];
}
