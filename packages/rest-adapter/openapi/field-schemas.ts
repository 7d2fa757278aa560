import { toJsonSchema, type JsonSchema } from "@valibot/to-json-schema";
import { newUserSchema, userChangeSchema } from "@user-management/domain";

type FieldName = keyof typeof newUserSchema.entries;

/** What each field means; what it may hold is read off the schemas that judge it. */
const meanings: Record<FieldName, string> = {
  lastname: "Family name.",
  firstname: "Given name.",
  dob: "Date of birth.",
  address: "Postal address.",
  gender: "Gender.",
  email: "Email address, kept as sent. No two users have the same one, whatever its case.",
  phone_number: "Phone number, kept as sent.",
};

/** What no schema says, because it depends on the day. */
const rulesOfTheDay: Partial<Record<FieldName, string[]>> = { dob: ["must not be in the future (UTC)"] };

/** The example of the original service. */
export const exampleFields = {
  lastname: "Doe",
  dob: "1990-01-01",
  address: "123 Main St, City, Country",
  gender: "Male",
  email: "john.doe@example.com",
  phone_number: "1234567890",
};

/** The body of a create. */
export function newUserJsonSchema(): object {
  return {
    ...bodySchema(newUserSchema),
    description: "A new user. A field that is not listed is an error.",
    examples: [exampleFields],
  };
}

/** The body of an update. */
export function userChangeJsonSchema(): object {
  return {
    ...bodySchema(userChangeSchema),
    minProperties: 1,
    description: "What is to change. A field that is not sent stays as it is; `null` removes `firstname`.",
    examples: [exampleChange],
  };
}

export const exampleChange = { address: "456 Another St, New City" };

/** The fields of a user as they are answered: what was stored before today's rules is served as it stands. */
export function storedFieldSchemas(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(meanings).map(([name, description]) => [name, { type: "string", description }]),
  );
}

function bodySchema(schema: typeof newUserSchema | typeof userChangeSchema): object {
  const properties = Object.entries(schema.entries).map(([name, entry]) => {
    const field = name as FieldName;
    const rules: string[] = [];
    const jsonSchema = toJsonSchema(entry, {
      typeMode: "input",
      target: "draft-2020-12",
      overrideAction: ({ valibotAction, jsonSchema: made }) => {
        rules.push(...ruleIn(valibotAction));
        return { ...made, ...("requirement" in valibotAction && patternOf(valibotAction.requirement)) };
      },
    });
    const { $schema: _, ...rest } = jsonSchema;
    return [name, { ...rest, description: described(field, rules) }];
  });
  const required = Object.entries(schema.entries).flatMap(([name, entry]) =>
    entry.type === "exact_optional" ? [] : [name],
  );
  return {
    type: "object",
    properties: Object.fromEntries(properties) as Record<string, JsonSchema>,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** What an action does or asks for, in the words that it has for whoever breaks it. */
function ruleIn(action: { readonly type: string; readonly message?: unknown }): string[] {
  if (action.type === "trim") return ["is trimmed"];
  if (action.type === "normalize") return ["is normalised to Unicode NFC"];
  return typeof action.message === "string" ? [action.message.replace(/^[a-z-]+: /, "")] : [];
}

/** JSON Schema's patterns have no flags, and not everyone who reads them knows of Unicode's properties. */
function patternOf(requirement: unknown): { pattern?: string } {
  if (!(requirement instanceof RegExp)) return {};
  return { pattern: requirement.source.replaceAll(String.raw`\P{Cc}`, String.raw`[^\u0000-\u001f\u007f-\u009f]`) };
}

function described(field: FieldName, rules: readonly string[]): string {
  const all = [...new Set([...rules, ...(rulesOfTheDay[field] ?? [])])].join("; ");
  return all === "" ? meanings[field] : `${meanings[field]} ${all[0]!.toUpperCase()}${all.slice(1)}.`;
}
