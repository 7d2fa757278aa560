import {
  describeIssue,
  MAX_METADATA_MEMBERS,
  MAX_METADATA_VALUE_LENGTH,
  METADATA_NAME,
  type UserIssueCode,
} from "@user-management/domain";

/*
 * The schemas of metadata. The domain validates metadata by code, from which no schema can be derived; the constants and
 * the words are the domain's.
 */

const describe = (code: UserIssueCode): string => describeIssue(code, "metadata");

const MEMBER_RULES = [
  `A member ${describe("invalid-name")}`,
  `its value ${describe("malformed-text")}`,
  "is normalized to Unicode NFC",
  describe("too-long"),
].join("; ");

/** Excludes lone surrogates. */
const wellFormed = { pattern: String.raw`^[^\ud800-\udfff]*$` };

const propertyNames = { pattern: METADATA_NAME.source };

/** Creates the schema of the metadata of a new user. */
export function createMetadataSchema(meaning: string): object {
  return {
    type: "object",
    maxProperties: MAX_METADATA_MEMBERS,
    propertyNames,
    additionalProperties: { type: "string", maxLength: MAX_METADATA_VALUE_LENGTH, ...wellFormed },
    description: `${meaning} The object ${describe("too-many-members")}. ${MEMBER_RULES}.`,
  };
}

/** Creates the schema of an update of metadata, which may set all members and remove all others. */
export function createMetadataPatchSchema(meaning: string): object {
  return {
    anyOf: [
      {
        type: "object",
        maxProperties: 2 * MAX_METADATA_MEMBERS,
        propertyNames,
        additionalProperties: { type: ["string", "null"], maxLength: MAX_METADATA_VALUE_LENGTH, ...wellFormed },
      },
      { type: "null" },
    ],
    description:
      `${meaning} An update merges it member by member: \`null\` removes a member, and a member that is not sent keeps ` +
      `its value. After the update, the object ${describe("too-many-members")}. ${MEMBER_RULES}.`,
  };
}

/** Creates the schema of metadata in responses. */
export function createStoredMetadataSchema(meaning: string): object {
  return {
    type: "object",
    additionalProperties: { type: "string" },
    description: `${meaning} Absent if there are none.`,
  };
}
