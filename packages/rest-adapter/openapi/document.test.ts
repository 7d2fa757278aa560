import { createConfig, lint } from "@redocly/openapi-core";
import {
  createUserService,
  EXAMPLE_FIELDS,
  GENDERS,
  parseNewUser,
  parseUserUpdate,
  SCOPES,
  STATUSES,
  USER_FIELD_NAMES,
  USER_FIELDS,
  UserError,
  type UserFieldName,
} from "@user-management/domain";
import { createInMemoryUserRepository } from "@user-management/domain/testing";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { allowAnonymous, createApp, OPERATIONS } from "../src/index.ts";
import { createTestClient, listOperations, readJson } from "../src/testing/index.ts";
import { document } from "./document.ts";
import { EXAMPLE_UPDATE } from "./examples.ts";
import { createPostmanCollection } from "./postman-collection.ts";

const documentPath = fileURLToPath(new URL("../src/openapi.json", import.meta.url));
const collectionUrl = new URL("../../../docs/users.postman_collection.json", import.meta.url);

const app = createApp({
  users: createUserService({
    users: createInMemoryUserRepository(),
    now: () => new Date(),
    generateId: () => crypto.randomUUID(),
    digest: (text) => text,
  }),
  authenticate: allowAnonymous,
});
const { createUser, request } = createTestClient(async (path, init) => app.request(path, init));

const operations = listOperations();

interface DocumentedOperation {
  readonly operationId: string;
  readonly security: readonly { readonly bearer: readonly string[] }[];
  readonly responses: object;
}

const ajv = new Ajv2020({ strict: false });
formats.default(ajv);
ajv.addSchema(document, "document");

describe("written files", () => {
  test("openapi.json is the generated document, and the app serves it (`pnpm openapi` writes it)", async () => {
    const written = JSON.parse(readFileSync(documentPath, "utf8")) as object;
    expect(written).toEqual(JSON.parse(JSON.stringify(document)));
    const response = await app.request("/openapi.json");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual(written);
  });

  test("the Postman collection is the generated one, with a request for each operation", () => {
    const written = JSON.parse(readFileSync(collectionUrl, "utf8")) as { item: { item: { name: string }[] }[] };
    expect(written).toEqual(JSON.parse(JSON.stringify(createPostmanCollection())));
    const summaries = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((operation) => (operation as { summary: string }).summary),
    );
    const names = written.item.flatMap(({ item }) => item.map(({ name }) => name));
    expect(names.toSorted()).toEqual(summaries.toSorted());
  });

  test("the document passes the strict rules of Redocly", async () => {
    const config = await createConfig({ extends: ["recommended-strict"] });
    const problems = await lint({ ref: documentPath, config });
    expect(problems.map(({ severity, ruleId, message }) => `${severity} ${ruleId}: ${message}`)).toEqual([]);
  });
});

describe("operations", () => {
  test("the document describes every route of the app and no other", () => {
    expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
      app.routes.map(({ method, path }) => `${method} ${path.replace(":id", "{user_id}")}`).toSorted(),
    );
  });

  test("every operation has exactly the query parameters that it accepts", () => {
    for (const { method, path, parameters } of operations) {
      const documented = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
      const operation = Object.values(OPERATIONS).find((other) => other.method === method && other.path === path)!;
      const accepted = "query" in operation ? Object.keys(operation.query) : [];
      expect(documented.toSorted(), `${method} ${path}`).toEqual(accepted.toSorted());
    }
  });

  test("every operation requires its scope and documents the rejection of a caller, or requires nothing", () => {
    const documented = Object.values(document.paths as Record<string, Record<string, DocumentedOperation>>)
      .flatMap((methods) => Object.values(methods))
      .map(({ operationId, security, responses }) => ({
        operationId,
        scopes: security.map(({ bearer }) => bearer.join()),
        rejections: Object.keys(responses).filter((status) => ["401", "403", "429"].includes(status)),
      }));
    const rejections = ["401", "403", "429"];
    expect(documented).toEqual([
      { operationId: "createUser", scopes: ["users:write"], rejections },
      { operationId: "listUsers", scopes: ["users:list", "users:read"], rejections },
      { operationId: "getUser", scopes: ["users:read"], rejections },
      { operationId: "updateUser", scopes: ["users:write"], rejections },
      { operationId: "patchUser", scopes: ["users:write"], rejections },
      { operationId: "deleteUser", scopes: ["users:delete"], rejections },
      { operationId: "getLiveness", scopes: [], rejections: [] },
      { operationId: "getReadiness", scopes: [], rejections: [] },
      { operationId: "getOpenApi", scopes: [], rejections: [] },
    ]);
    expect(document.paths["/users"]!["get"]).toHaveProperty(
      "description",
      expect.stringContaining("Requires the scope `users:list`, or `users:read` with `email` or `external_id`."),
    );
    for (const scope of SCOPES) expect(document.components.securitySchemes.bearer.description).toContain(scope);
  });

  test("only the operations that return users have query parameters", () => {
    const withQuery = operations.filter(({ parameters }) => parameters.some((parameter) => parameter.in === "query"));
    expect(withQuery.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /users", "GET /users/{user_id}"]);
  });
});

/** Every example of a response body. */
const examples = operations.flatMap(({ method, path, responses }) =>
  responses.flatMap(({ status, bodies }) =>
    bodies.flatMap(({ mediaType, pointer, examples: valuesByName }) =>
      Object.entries(valuesByName).map(([name, value]) => ({
        operation: `${method} ${path}`,
        status,
        mediaType,
        schema: { $ref: `document${pointer}/schema` },
        name,
        value: value as Record<string, unknown>,
      })),
    ),
  ),
);

describe("examples", () => {
  test.for(examples)("$operation, $status: $name is valid, and invalid with an additional field", (example) => {
    const validate = ajv.compile(example.schema);
    expect(validate(example.value)).toBe(true);
    const extended = addFieldToEachObject(example.value);
    expect(extended).not.toEqual([]);
    for (const value of extended) expect(validate(value), JSON.stringify(value)).toBe(false);
  });

  test("a problem schema accepts exactly the problem types of its operation and status code", () => {
    const problems = examples.filter(({ mediaType }) => mediaType === "application/problem+json");
    for (const { operation, status, schema } of problems) {
      const validate = ajv.compile(schema);
      const accepted = problems.filter(({ value }) => validate(value)).map(({ name }) => name);
      const documented = problems.filter((problem) => problem.operation === operation && problem.status === status);
      expect([...new Set(accepted)].toSorted(), `${operation} ${status}`).toEqual(
        documented.map(({ name }) => name).toSorted(),
      );
    }
  });

  test("a message schema accepts exactly its text", () => {
    const messages = examples.filter(({ value }) => "message" in value);
    expect(messages.map(({ operation, value }) => `${operation}: ${String(value["message"])}`)).toEqual([
      "POST /users: User created",
      "PUT /users/{user_id}: User updated",
      "PATCH /users/{user_id}: User updated",
      "DELETE /users/{user_id}: User deleted",
    ]);
    for (const { schema, value } of messages) {
      const validate = ajv.compile(schema);
      for (const message of ["", "Done", `${String(value["message"])}.`]) {
        expect(validate({ ...value, message }), message).toBe(false);
      }
    }
  });
});

/** Returns a copy of a value for each object in it, with an additional field in that object. */
function addFieldToEachObject(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, n) => addFieldToEachObject(item).map((extended) => value.with(n, extended)));
  }
  if (typeof value !== "object" || value === null) return [];
  const inMembers = Object.entries(value).flatMap(([name, member]) =>
    addFieldToEachObject(member).map((extended) => ({ ...value, [name]: extended })),
  );
  return [{ ...value, additional: "x" }, ...inMembers];
}

const TODAY = "2026-11-23";

/** Reports whether a rule is stated only in words: a schema does not know the date of the request. */
function isRuleInWords(code: string, value: unknown): boolean {
  return code === "date-out-of-range" && typeof value === "string" && value > TODAY;
}

/** Normalizes a value to NFC, in which the document counts characters: a schema cannot compose them. */
function normalize(value: unknown): unknown {
  if (typeof value === "string") return value.normalize("NFC");
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => [name, typeof text === "string" ? text.normalize("NFC") : text]),
  );
}

const INVISIBLE_CHARACTERS = [" ", "\u00a0", "\u00ad", "\u200b", "\u200d", "\u2028", "\u2800", "\u3164", "\u{e0020}"];

const trimmedText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...GENDERS, ...STATUSES) },
  fc.string({ unit: "binary", maxLength: 600 }),
  fc.string({ unit: "grapheme", minLength: 95, maxLength: 105 }),
  fc.string({ unit: fc.constantFrom(...INVISIBLE_CHARACTERS, "\u0085", "x"), maxLength: 8 }),
  fc.emailAddress(),
  fc.stringMatching(/^[a-zA-Z0-9.+@'-]{1,70}@[a-z0-9.-]{1,20}$/),
  fc.stringMatching(/^\+?[0-9 .()-]{5,20}$/),
  { weight: 3, arbitrary: fc.stringMatching(/^(18|19|20|99)\d\d-[01]\d-[0-3]\d$/) },
  fc.constantFrom("male", "Suspended", "", " ", "\u0085", "a\u0000b", "😀".repeat(100), "😀".repeat(101), " x "),
);
const whiteSpace = fc.string({ unit: fc.constantFrom(" ", "\n", "\t", "\u00a0", "\u2028", "\ufeff"), maxLength: 300 });
const text = fc.oneof(
  { weight: 3, arbitrary: trimmedText },
  {
    weight: 1,
    arbitrary: fc.tuple(whiteSpace, trimmedText, whiteSpace).map(([before, value, after]) => before + value + after),
  },
);
const memberName = fc.oneof(
  { weight: 8, arbitrary: fc.stringMatching(/^[A-Za-z0-9_.-]{1,42}$/) },
  fc.constantFrom("", "__proto__", "constructor", "a b", "é", "a/b~c", "x\n", "x".repeat(40), "x".repeat(41)),
);
const memberValue = fc.oneof(
  { weight: 8, arbitrary: text },
  fc.constantFrom(null, 1, true, {}, ["x"], "😀".repeat(200), "😀".repeat(201), "e\u0301".repeat(200)),
);
/** Objects around both limits of their size, the second of which is that of an update. */
const members = fc.oneof(
  fc.dictionary(memberName, memberValue, { maxKeys: 3 }),
  fc.dictionary(fc.stringMatching(/^\w{2,8}$/), fc.constantFrom("x", null), { minKeys: 18, maxKeys: 43, size: "max" }),
);
const anyValue = fc.oneof(
  { weight: 9, arbitrary: text },
  { weight: 2, arbitrary: members },
  fc.jsonValue() as fc.Arbitrary<unknown>,
);

const fieldWithValue = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom(...USER_FIELD_NAMES, "user_id", "age"), anyValue) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("metadata"), members) },
);

describe("schemas", () => {
  const validateNewUser = ajv.compile({ $ref: "document#/components/schemas/NewUser" });
  const validateUpdate = ajv.compile({ $ref: "document#/components/schemas/UserUpdate" });

  test.for([
    ["NewUser", validateNewUser, parseNewUser, EXAMPLE_FIELDS],
    ["UserUpdate", validateUpdate, parseUserUpdate, EXAMPLE_UPDATE],
  ] as const)("%s and the service accept the same values of every field", ([, validate, parse, valid]) => {
    const acceptedFields = new Set<string>();
    fc.assert(
      fc.property(fieldWithValue, ([field, value]) => {
        const codes = listIssues(() => parse({ ...valid, [field]: value }, TODAY)).map(({ code }) => code);
        const isValid = validate({ ...valid, [field]: normalize(value) });
        if (isValid && codes.length === 0) acceptedFields.add(field);
        const violations = isValid ? codes.filter((code) => !isRuleInWords(code, value)) : codes;
        expect(violations.length === 0).toBe(isValid);
      }),
      { numRuns: 6000 },
    );
    expect([...acceptedFields].toSorted()).toEqual(USER_FIELD_NAMES.toSorted());
  });

  test.for([
    ["one visible character", "x", true],
    ["visible beside invisible characters", "\u200bx\u2800", true],
    ...INVISIBLE_CHARACTERS.map(
      (character) => [`only U+${character.codePointAt(0)!.toString(16)}`, character, false] as const,
    ),
    ["several invisible characters", INVISIBLE_CHARACTERS.join(""), false],
    ["a control character", "a\u0085b", false],
  ] as const)("accept or reject a name with %s as the service does", ([, lastname, isAccepted]) => {
    expect(validateNewUser({ ...EXAMPLE_FIELDS, lastname })).toBe(isAccepted);
    expect(listIssues(() => parseNewUser({ ...EXAMPLE_FIELDS, lastname }, TODAY)).length === 0).toBe(isAccepted);
  });

  test("require the fields that the service requires", () => {
    for (const field of USER_FIELD_NAMES) {
      const { [field]: _, ...others } = EXAMPLE_FIELDS as Partial<Record<UserFieldName, unknown>>;
      const { required } = USER_FIELDS[field];
      expect(validateNewUser(others), field).toBe(!required);
      expect(listIssues(() => parseNewUser(others, TODAY)).map(({ code }) => code)).toEqual(
        required ? ["required"] : [],
      );
      if (field in EXAMPLE_FIELDS) expect(validateUpdate({ [field]: EXAMPLE_FIELDS[field] }), field).toBe(true);
    }
    expect(validateUpdate({})).toBe(false);
  });

  test("accept `null` in an update only for the fields that are not required", () => {
    for (const field of USER_FIELD_NAMES) {
      const isAccepted = !USER_FIELDS[field].required;
      expect(validateUpdate({ [field]: null }), field).toBe(isAccepted);
      expect(listIssues(() => parseUserUpdate({ [field]: null }, TODAY)).length === 0, field).toBe(isAccepted);
      expect(validateNewUser({ ...EXAMPLE_FIELDS, [field]: null }), field).toBe(false);
    }
  });

  test("describe every rule of a field in the words of the service", () => {
    const { properties } = document.components.schemas.NewUser as {
      properties: Record<string, { description: string }>;
    };
    for (const [field, value, code] of [
      ["lastname", "\ud800", "malformed-text"],
      ["lastname", "\u200b", "empty"],
      ["firstname", "x".repeat(101), "too-long"],
      ["dob", "1899-12-31", "date-out-of-range"],
      ["dob", "9999-12-31", "date-out-of-range"],
      ["dob", "2026-02-30", "invalid-date"],
      ["address", "a\u0000b", "control-character"],
      ["address", " ", "empty"],
      ["address", "x".repeat(501), "too-long"],
      ["email", "x", "invalid-email"],
      ["phone_number", "1", "invalid-phone-number"],
      ["phone_number", "1".repeat(65), "too-long"],
      ["external_id", "x".repeat(256), "too-long"],
      ["metadata", Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`m${n}`, "x"])), "too-many-members"],
      ["metadata", { "a b": "x" }, "invalid-name"],
      ["metadata", { a: "\ud800" }, "malformed-text"],
      ["metadata", { a: "x".repeat(201) }, "too-long"],
    ] as const) {
      const issues = listIssues(() => parseNewUser({ ...EXAMPLE_FIELDS, [field]: value }, TODAY));
      expect(
        issues.map((issue) => issue.code),
        `${field}: ${code}`,
      ).toEqual([code]);
      expect(properties[field]!.description.toLowerCase()).toContain(issues[0]!.detail.toLowerCase());
    }
  });
});

describe("limit", () => {
  test.for(["0", "1", "100", "101", "1.5", "x"])(
    "%s is valid for the app if it is valid in the document",
    async (limit) => {
      const { schema } = document.components.parameters["limit"] as { schema: object };
      const { status } = await app.request(`/users?limit=${limit}`);
      expect(status).toBe(ajv.compile(schema)(Number(limit)) ? 200 : 400);
    },
  );

  test("defaults to the number in the document", async () => {
    const { schema } = document.components.parameters["limit"] as { schema: object };
    const { default: defaultLimit } = schema as { default: number };
    for (let n = 0; n <= defaultLimit; n += 1) await createUser();
    const { users } = await readJson(await request("/users"));
    expect(users).toHaveLength(defaultLimit);
  });
});

describe("enumerated parameters", () => {
  test.for([
    ["view", ["basic", "full", "Full", ""]],
    ["status", ["active", "suspended", "deleted", ""]],
  ] as const)("%s accepts the values in the document, and no others", async ([name, values]) => {
    const { schema } = document.components.parameters[name] as { schema: object };
    for (const value of values) {
      const { status } = await app.request(`/users?${name}=${value}`);
      expect(status, value).toBe(ajv.compile(schema)(value) ? 200 : 400);
    }
  });
});

function listIssues(parse: () => unknown): UserError["issues"] {
  try {
    parse();
    return [];
  } catch (error) {
    if (error instanceof UserError) return error.issues;
    throw error;
  }
}
