import { describeIssue, STATUSES, UNIQUE_FIELDS, type UniqueFieldName } from "@user-management/domain";
import { decodeCursor } from "./cursor.ts";
import { createInvalidQuery, type QueryParameter, type QueryParameters, type QueryValues } from "./http/query.ts";

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 100;

export const VIEWS = ["basic", "full"] as const;

/** The extent of a representation: the fields that are set, or also the version, the timestamps and the default status. */
export type View = (typeof VIEWS)[number];

export const VIEW_PARAMETERS = {
  view: acceptOneOf(VIEWS, "invalid-view", `must be one of ${VIEWS.join(", ")}`),
} as const satisfies QueryParameters;

/** The parameters that find one user by a unique value. */
const LOOKUP_PARAMETERS = {
  email: {
    parse: parseEmail,
    code: "invalid-email",
    detail: describeIssue("invalid-email"),
  },
  external_id: {
    parse: (text: string) => text.trim() || undefined,
    code: "invalid-external-id",
    detail: "must not be empty",
  },
} as const satisfies Record<UniqueFieldName, QueryParameter>;

export const LIST_PARAMETERS = {
  limit: {
    parse: (text: string) => (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= MAX_PAGE_SIZE ? Number(text) : undefined),
    code: "invalid-limit",
    detail: `must be a whole number from 1 to ${MAX_PAGE_SIZE}`,
  },
  cursor: {
    parse: decodeCursor,
    code: "invalid-cursor",
    detail: "must be a next_cursor returned by this endpoint",
  },
  ...LOOKUP_PARAMETERS,
  status: acceptOneOf(STATUSES, "invalid-status", describeIssue("invalid-status")),
  ...VIEW_PARAMETERS,
} as const satisfies QueryParameters;

export type ListQuery = QueryValues<typeof LIST_PARAMETERS>;

export type ViewQuery = QueryValues<typeof VIEW_PARAMETERS>;

/** Accepts every text with an `@` inside, because legacy users may have emails that today's rules reject. */
function parseEmail(text: string): string | undefined {
  // An email contains no space, but some gateways decode "+" to one.
  const email = text.trim().replaceAll(" ", "+");
  return /.@./.test(email) ? email : undefined;
}

interface Lookup {
  readonly field: UniqueFieldName;
  readonly value: string;
}

/**
 * Returns the unique value by which a query finds one user, or `undefined` if the query lists users.
 *
 * @throws Problem `invalid-query` if the query also has another unique value, a cursor or a filter
 */
export function getLookup(query: ListQuery): Lookup | undefined {
  const [field, ...otherFields] = UNIQUE_FIELDS.map((unique) => unique.field).filter(
    (name) => query[name] !== undefined,
  );
  if (field === undefined) return undefined;
  const excluded = [...otherFields, "cursor", "status"] as const;
  const errors = excluded
    .filter((parameter) => query[parameter] !== undefined)
    .map((parameter) => ({
      parameter,
      code: LIST_PARAMETERS[parameter].code,
      detail: `must not be combined with ${field}`,
    }));
  if (errors.length > 0) throw createInvalidQuery(errors);
  return { field, value: query[field]! };
}

function acceptOneOf<Value extends string>(
  values: readonly Value[],
  code: string,
  detail: string,
): QueryParameter<Value> {
  return { parse: (text) => values.find((value) => value === text), code, detail };
}
