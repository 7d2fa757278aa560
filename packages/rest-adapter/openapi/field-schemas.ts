import { toJsonSchema } from "@valibot/to-json-schema";
import {
  describeIssue,
  EXAMPLE_FIELDS,
  newUserSchema,
  USER_FIELD_NAMES,
  USER_FIELDS,
  userUpdateSchema,
  type UserFieldName,
  type UserIssueCode,
} from "@user-management/domain";
import { EXAMPLE_UPDATE } from "./examples.ts";
import { createMetadataPatchSchema, createMetadataSchema, createStoredMetadataSchema } from "./metadata-schemas.ts";

/** The meaning of each field. Its rules are read from the schemas of the domain. */
const FIELD_MEANINGS = {
  lastname: "Family name.",
  firstname: "Given name.",
  dob: "Date of birth.",
  address: "Postal address.",
  gender: "Gender.",
  email: "Email address, stored as sent and unique case-insensitively.",
  phone_number: "Phone number, stored as sent.",
  external_id: "Identifier of the user in another system, unique case-sensitively.",
  status: "Status, for other systems to act on. An active user has none, unless the view is full.",
  metadata: "Texts that other systems attach to the user, by name.",
} as const satisfies Record<UserFieldName, string>;

type JsonSchema = ReturnType<typeof toJsonSchema>;

const REMOVABLE_FIELDS = USER_FIELD_NAMES.filter((field) => !USER_FIELDS[field].required);

/** Creates the schema of the body of a create. */
export function createNewUserSchema(): object {
  return {
    ...toObjectSchema(newUserSchema, createMetadataSchema),
    description: "A new user. Other members are rejected.",
    examples: [EXAMPLE_FIELDS],
  };
}

/** Creates the schema of the body of an update. */
export function createUserUpdateSchema(): object {
  return {
    ...toObjectSchema(userUpdateSchema, createMetadataPatchSchema),
    minProperties: 1,
    description: `A partial update. A field that is not sent keeps its value; \`null\` removes ${listNames(REMOVABLE_FIELDS)}.`,
    examples: [EXAMPLE_UPDATE],
  };
}

/** Creates the schemas of the fields in responses. Legacy data is served even if today's rules reject it. */
export function createStoredFieldSchemas(): Record<UserFieldName, object> {
  const schemas = USER_FIELD_NAMES.map((field) => [field, { type: "string", description: FIELD_MEANINGS[field] }]);
  return {
    ...(Object.fromEntries(schemas) as Record<UserFieldName, object>),
    metadata: createStoredMetadataSchema(FIELD_MEANINGS.metadata),
  };
}

function toObjectSchema(
  { entries }: typeof newUserSchema | typeof userUpdateSchema,
  createForMetadata: (meaning: string) => object,
): object {
  const required = USER_FIELD_NAMES.filter((field) => entries[field].type !== "exact_optional");
  return {
    type: "object",
    properties: Object.fromEntries(
      USER_FIELD_NAMES.map((field) => [
        field,
        field === "metadata" ? createForMetadata(FIELD_MEANINGS[field]) : toFieldSchema(field, entries[field]),
      ]),
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function toFieldSchema(
  field: UserFieldName,
  entry: (typeof newUserSchema | typeof userUpdateSchema)["entries"][Exclude<UserFieldName, "metadata">],
): object {
  const rules: string[] = [];
  const patterns: string[] = [];
  let isTrimmed = false;
  const { $schema: _, ...schema } = toJsonSchema(entry, {
    typeMode: "input",
    target: "draft-2020-12",
    overrideAction: ({ valibotAction, jsonSchema }) => {
      rules.push(...describeAction(valibotAction, field));
      isTrimmed ||= valibotAction.type === "trim";
      const { requirement } = valibotAction as { requirement?: unknown };
      if (!(requirement instanceof RegExp)) return jsonSchema;
      patterns.push(toPortablePattern(requirement));
      // The library writes several patterns as an `allOf`, which type generators do not understand.
      return { ...jsonSchema, pattern: undefined, allOf: undefined };
    },
  });
  return {
    ...(isTrimmed ? toUntrimmedSchema(schema, patterns) : schema),
    description: [FIELD_MEANINGS[field], toSentence([...new Set(rules)])].join(" ").trim(),
  };
}

/**
 * Returns the schema of a value that the service trims. White space around it is valid in the pattern, and has no influence
 * on the maximum length. `maxLength` and `format` would reject it.
 */
function toUntrimmedSchema(schema: JsonSchema, patterns: readonly string[]): object {
  // That of a field that is not required is either a text or null.
  const [text, ...alternatives] = (schema.anyOf ?? []) as JsonSchema[];
  if (text) return { anyOf: [toUntrimmedSchema(text, patterns), ...alternatives] };
  const { maxLength, format: _, allOf: __, ...untrimmed } = schema;
  const [first = "", ...others] = patterns;
  const lookaheads = [`[\\s\\S]{1,${maxLength!}}\\s*$`, ...others.map((pattern) => `[\\s\\S]*${pattern}`)];
  // Without `(?!\s)`, a validator would try every part of the white space.
  const prefix = `^\\s*(?!\\s)${lookaheads.map((lookahead) => `(?=${lookahead})`).join("")}`;
  return { ...untrimmed, pattern: prefix + first.replace(/^\^/, "").replaceAll(/\$(?=$|\))/g, "\\s*$$") };
}

/** Describes the rule of a valibot action by the same words as the issue of a value that violates the rule. */
function describeAction(action: { readonly type: string; readonly message?: unknown }, field: UserFieldName): string[] {
  if (action.type === "trim") return ["is trimmed"];
  if (action.type === "normalize") return ["is normalized to Unicode NFC"];
  return typeof action.message === "string" ? [describeIssue(action.message as UserIssueCode, field)] : [];
}

/**
 * Returns the source of a regular expression with every Unicode property replaced by the code points it covers: patterns
 * in JSON Schema have no flags, and many implementations do not support properties.
 */
function toPortablePattern({ source }: RegExp): string {
  return source.replaceAll(/\[\^(?:\\p\{\w+\}|\\u[\da-f]{4})+\]/g, (negated) => {
    const excluded: string[] = [];
    const matcher = new RegExp(negated, "u");
    let first: number | undefined;
    for (let point = 0; point <= 0x110000; point += 1) {
      const isExcluded = point < 0x110000 && !matcher.test(String.fromCodePoint(point));
      if (isExcluded) first ??= point;
      else if (first !== undefined) {
        excluded.push(first === point - 1 ? escape(first) : `${escape(first)}-${escape(point - 1)}`);
        first = undefined;
      }
    }
    return `[^${excluded.join("")}]`;
  });
}

function escape(point: number): string {
  const hex = point.toString(16);
  return point > 0xffff ? String.raw`\u{${hex}}` : String.raw`\u${hex.padStart(4, "0")}`;
}

function listNames(fields: readonly UserFieldName[]): string {
  const names = fields.map((field) => `\`${field}\``);
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function toSentence(rules: readonly string[]): string {
  const text = rules.join("; ");
  return text === "" ? "" : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
