import { createConfig, lint } from "@redocly/openapi-core";
import { createUserService, parseNewUser, parseUserChange, UserError } from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createApp } from "../src/index.ts";
import { describedOperations, newUser } from "../src/testing/index.ts";
import { listParameters } from "../src/user-routes.ts";
import { document } from "./document.ts";
import { exampleChange, exampleFields } from "./field-schemas.ts";
import { postmanCollection } from "./postman-collection.ts";

const collection = new URL("../../../docs/users.postman_collection.json", import.meta.url);
const file = fileURLToPath(new URL("../src/openapi.json", import.meta.url));

const app = createApp({
  users: createUserService({
    users: createInMemoryUserRepository(),
    now: () => new Date(),
    newId: () => crypto.randomUUID(),
    digest: (text) => text,
  }),
});

test("the description that is served is the one that is made from the code: `pnpm openapi` makes it", async () => {
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(JSON.stringify(document)));
  const response = await app.request("/openapi.json");
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual(JSON.parse(readFileSync(file, "utf8")));
});

test("so is the collection for Postman, which has a request for each operation", () => {
  expect(JSON.parse(readFileSync(collection, "utf8"))).toEqual(JSON.parse(JSON.stringify(postmanCollection())));
});

const operations = describedOperations();

test("it describes every route of the app, and no other", () => {
  const routes = app.routes.filter(({ method, path }) => !(method === "ALL" && path === "/*")); // the middleware
  expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
    routes.map(({ method, path }) => `${method} ${path.replace(":id", "{user_id}")}`).toSorted(),
  );
});

test("a public linter has nothing to say of it", async () => {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const found = await lint({ ref: file, config });
  expect(found.map(({ severity, ruleId, message }) => `${severity} ${ruleId}: ${message}`)).toEqual([]);
});

const ajv = new Ajv2020({ strict: false });
formats.default(ajv);
ajv.addSchema(document, "document");

const bodies = operations.flatMap(({ method, path, answers }) =>
  answers.flatMap((answer) =>
    answer.bodies.flatMap(({ type, pointer, examples }) =>
      Object.entries(examples).map(([name, example]) => ({
        operation: `${method} ${path}`,
        status: answer.status,
        type,
        schema: { $ref: `document${pointer}/schema` },
        name,
        example: example as Record<string, unknown>,
      })),
    ),
  ),
);

test.each(bodies)("$operation, $status: the example $name is valid, and no longer with a field more", (body) => {
  const validate = ajv.compile(body.schema);
  expect(validate(body.example)).toBe(true);
  const others = withFieldMore(body.example);
  expect(others).not.toEqual([]);
  for (const other of others) expect(validate(other), JSON.stringify(other)).toBe(false);
});

/** These values, in turn with one more field in each object in them. */
function withFieldMore(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item, n) => withFieldMore(item).map((other) => value.with(n, other)));
  if (typeof value !== "object" || value === null) return [];
  const within = Object.entries(value).flatMap(([name, member]) =>
    withFieldMore(member).map((other) => ({ ...value, [name]: other })),
  );
  return [{ ...value, more: "x" }, ...within];
}

test("a problem is described only where its type can be met", () => {
  const problems = bodies.filter(({ type }) => type === "application/problem+json");
  for (const { operation, status, schema } of problems) {
    const validate = ajv.compile(schema);
    const own = problems.filter((other) => other.operation === operation && other.status === status);
    const taken = problems.filter(({ example }) => validate(example)).map(({ name }) => name);
    expect([...new Set(taken)].toSorted(), `${operation} ${status}`).toEqual(own.map(({ name }) => name).toSorted());
  }
});

test("a message is described with exactly its text", () => {
  const messages = bodies.filter(({ example }) => "message" in example);
  expect(messages.map(({ operation, example }) => `${operation}: ${String(example["message"])}`)).toEqual([
    "POST /users: User created",
    "PUT /users/{user_id}: User updated",
    "PATCH /users/{user_id}: User updated",
    "DELETE /users/{user_id}: User deleted",
  ]);
  for (const { schema, example } of messages) {
    const validate = ajv.compile(schema);
    for (const message of ["", "Done", `${String(example["message"])}.`]) {
      expect(validate({ ...example, message })).toBe(false);
    }
  }
});

const TODAY = "2026-11-23";

/** Rules that the descriptions state in words: of these JSON Schema cannot judge. */
const WORDS_ONLY = new Set(["malformed-text", "date-out-of-range"]);

/** A field as the service sees it once it is trimmed and normalised, of which the schemas speak. */
const seen: Record<string, (text: string) => string> = {
  lastname: (text) => text.normalize("NFC").trim(),
  firstname: (text) => text.normalize("NFC").trim(),
  address: (text) => text.normalize("NFC").trim(),
  email: (text) => text.trim(),
  phone_number: (text) => text.trim(),
};

const someText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 600 }),
  fc.string({ unit: "grapheme", minLength: 95, maxLength: 105 }),
  fc.emailAddress(),
  fc.stringMatching(/^[a-zA-Z0-9.+@'-]{1,70}@[a-z0-9.-]{1,20}$/),
  fc.stringMatching(/^\+?[0-9 .()-]{5,20}$/),
  fc.stringMatching(/^(18|19|20|99)\d\d-[01]\d-[0-3]\d$/),
  fc.constantFrom(
    "Male",
    "Non-binary",
    "male",
    "",
    " ",
    "\u0085",
    "a\u0000b",
    "😀".repeat(100),
    "😀".repeat(101),
    " x ",
  ),
);
const someValue = fc.oneof({ weight: 9, arbitrary: someText }, fc.jsonValue() as fc.Arbitrary<unknown>);

test.each([
  ["NewUser", parseNewUser, exampleFields],
  ["UserChange", parseUserChange, exampleChange],
] as const)("the schema %s and the service take the same values of every field", (name, parse, valid) => {
  const validate = ajv.compile({ $ref: `document#/components/schemas/${name}` });
  const fields = Object.keys(document.components.schemas.User.properties);
  const taken = new Set<string>();
  fc.assert(
    fc.property(fc.constantFrom(...fields, "age"), someValue, (field, value) => {
      const codes = codesOf(() => parse({ ...valid, [field]: value }, TODAY));
      const asSeen = typeof value === "string" ? (seen[field]?.(value) ?? value) : value;
      const isValid = validate({ ...valid, [field]: asSeen });
      if (isValid && codes.length === 0) taken.add(field);
      expect(codes.filter((code) => !isValid || !WORDS_ONLY.has(code)).length === 0).toBe(isValid);
    }),
    { numRuns: 6000 },
  );
  expect([...taken].toSorted()).toEqual(fields.filter((field) => field !== "user_id").toSorted());
});

test("the schemas ask for the fields that the service asks for", () => {
  const validateNew = ajv.compile({ $ref: "document#/components/schemas/NewUser" });
  const validateChange = ajv.compile({ $ref: "document#/components/schemas/UserChange" });
  for (const field of Object.keys(exampleFields)) {
    const { [field as "dob"]: _, ...others } = exampleFields;
    expect(validateNew(others)).toBe(false);
    expect(codesOf(() => parseNewUser(others, TODAY))).toEqual(["required"]);
    expect(validateChange({ [field]: exampleFields[field as "dob"] })).toBe(true);
  }
  expect(validateChange({})).toBe(false);
});

test("a field's description has every rule in the words of the service", () => {
  const { properties } = document.components.schemas.NewUser as { properties: Record<string, { description: string }> };
  const hostile = { lastname: "\ud800", dob: "1899-12-31", address: "\u0000 ", email: "x", phone_number: "1" };
  for (const [field, value] of Object.entries(hostile)) {
    for (const { detail } of issuesOf(() => parseNewUser({ ...exampleFields, [field]: value }, TODAY))) {
      expect(properties[field]!.description.toLowerCase()).toContain(detail.toLowerCase());
    }
  }
  const tomorrow = issuesOf(() => parseNewUser({ ...exampleFields, dob: "9999-12-31" }, TODAY));
  expect(properties["dob"]!.description).toContain(tomorrow[0]!.detail);
});

test.each(["0", "1", "100", "101", "1.5", "x"])(
  "the limit %s is taken by the app as the description says",
  async (limit) => {
    const { schema } = document.components.parameters.Limit;
    const { status } = await app.request(`/users?limit=${limit}`);
    expect(status).toBe(ajv.compile(schema)(Number(limit)) ? 200 : 400);
  },
);

test("the list has the query parameters that are described, and no operation has any other", () => {
  for (const { method, path, parameters } of operations) {
    const inQuery = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
    expect(inQuery.toSorted(), `${method} ${path}`).toEqual(
      `${method} ${path}` === "GET /users" ? Object.keys(listParameters).toSorted() : [],
    );
  }
});

test("a list without a limit has as many users as the limit's default says", async () => {
  const { default: limit } = document.components.parameters.Limit.schema;
  for (let n = 0; n <= limit; n += 1) {
    const body = JSON.stringify(newUser());
    const created = await app.request("/users", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(created.status).toBe(201);
  }
  const { users } = (await (await app.request("/users")).json()) as { users: unknown[] };
  expect(users).toHaveLength(limit);
});

function issuesOf(parse: () => unknown): UserError["issues"] {
  try {
    parse();
    return [];
  } catch (error) {
    if (error instanceof UserError) return error.issues;
    throw error;
  }
}

function codesOf(parse: () => unknown): string[] {
  return issuesOf(parse).map(({ code }) => code);
}
