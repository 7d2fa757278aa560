import * as v from "valibot";
import type { UserErrorCode } from "../errors.ts";
import { metadataPatchSchema, metadataSchema, type Metadata, type MetadataPatch } from "./metadata.ts";
import { address, dob, email, externalId, gender, name, phoneNumber, status } from "./value-schemas.ts";

interface UserField {
  /** Validates and normalizes a value. */
  readonly schema: v.GenericSchema<unknown, FieldValue>;
  /** Whether a new user must have the field. An update with `null` removes a field that is not required. */
  readonly required: boolean;
  /** Makes the field unique. */
  readonly unique?: Uniqueness;
  /** Validates what an update merges into the current value. Without it an update replaces the value. */
  readonly mergeSchema?: v.GenericSchema<unknown, MetadataPatch>;
  /** The value of the field in examples. A field without it is absent from examples. */
  readonly example?: string;
}

type FieldValue = string | Metadata;

interface Uniqueness {
  /** Returns the form in which values are compared. */
  readonly canonicalize: (value: string) => string;
  /** The code of the error if another user has the value. */
  readonly takenCode: Extract<UserErrorCode, `${string}-taken`>;
}

/**
 * The fields that clients write, in the order of the API and of the table. Schemas, storage, representation and
 * examples are derived from this table.
 */
export const USER_FIELDS = {
  lastname: { schema: name, required: true, example: "Doe" },
  firstname: { schema: name, required: false },
  dob: { schema: dob, required: true, example: "1990-01-01" },
  address: { schema: address, required: true, example: "123 Main St, City, Country" },
  gender: { schema: gender, required: true, example: "Male" },
  email: {
    schema: email,
    required: true,
    unique: { canonicalize: canonicalizeEmail, takenCode: "email-taken" },
    example: "john.doe@example.com",
  },
  phone_number: { schema: phoneNumber, required: true, example: "1234567890" },
  external_id: {
    schema: externalId,
    required: false,
    unique: { canonicalize: canonicalizeExternalId, takenCode: "external-id-taken" },
  },
  status: { schema: status, required: false },
  metadata: { schema: metadataSchema, required: false, mergeSchema: metadataPatchSchema },
} as const satisfies Record<string, UserField>;

type Fields = typeof USER_FIELDS;
export type UserFieldName = keyof Fields;

export const USER_FIELD_NAMES = Object.keys(USER_FIELDS) as UserFieldName[];

/** The names of the unique fields. No two users have values of the same canonical form. */
export type UniqueFieldName = {
  [Name in UserFieldName]: Fields[Name] extends { unique: Uniqueness } ? Name : never;
}[UserFieldName];

/** The unique fields, in the order in which conflicts are reported. */
export const UNIQUE_FIELDS = Object.entries<UserField>(USER_FIELDS).flatMap(([field, { unique }]) =>
  unique ? [{ field: field as UniqueFieldName, ...unique }] : [],
);

/**
 * Returns the canonical form under which an email is unique: trimmed, in Unicode NFC, lower case. In practice mailboxes
 * do not distinguish case, although RFC 5321 section 2.4 allows it for the local part.
 */
export function canonicalizeEmail(value: string): string {
  return value.normalize("NFC").trim().toLowerCase();
}

/** Returns the form under which an external id is unique: trimmed and in Unicode NFC, as it is stored. */
function canonicalizeExternalId(value: string): string {
  return value.normalize("NFC").trim();
}

type NewUserEntries = {
  [Name in UserFieldName]: Fields[Name]["required"] extends true
    ? Fields[Name]["schema"]
    : v.ExactOptionalSchema<Fields[Name]["schema"], undefined>;
};

/** The fields of a new user. */
export const newUserSchema: v.ObjectSchema<NewUserEntries, "required"> = v.object(
  mapFields(({ schema, required }) => (required ? schema : v.exactOptional(schema))) as NewUserEntries,
  "required",
);

type UpdateSchema<Field extends UserField> = Field extends { mergeSchema: infer Schema extends v.GenericSchema }
  ? Schema
  : Field["schema"];

type UserUpdateEntries = {
  [Name in UserFieldName]: v.ExactOptionalSchema<
    Fields[Name]["required"] extends true
      ? UpdateSchema<Fields[Name]>
      : v.NullableSchema<UpdateSchema<Fields[Name]>, undefined>,
    undefined
  >;
};

/** A partial update. An absent field keeps its value, and `null` removes one that is not required. */
export const userUpdateSchema: v.ObjectSchema<UserUpdateEntries, undefined> = v.object(
  mapFields(({ schema, required, mergeSchema = schema }) =>
    v.exactOptional(required ? mergeSchema : v.nullable(mergeSchema)),
  ) as UserUpdateEntries,
);

export type UserFields = v.InferOutput<typeof newUserSchema>;
export type UserUpdate = v.InferOutput<typeof userUpdateSchema>;

/** A valid new user, for documentation and tests. */
export const EXAMPLE_FIELDS = Object.fromEntries(
  USER_FIELD_NAMES.flatMap((field) => ("example" in USER_FIELDS[field] ? [[field, USER_FIELDS[field].example]] : [])),
) as UserFields;

function mapFields(toEntry: (field: UserField) => v.GenericSchema): Record<string, v.GenericSchema> {
  return Object.fromEntries(Object.entries(USER_FIELDS).map(([field, definition]) => [field, toEntry(definition)]));
}
