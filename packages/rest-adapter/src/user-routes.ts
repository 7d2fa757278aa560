import { UserError, type Created, type Precondition, type User, type UserService } from "@user-management/domain";
import type { HonoBase } from "hono/hono-base";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { isNotModified, preconditionOf, tagOf, validatorsOf } from "./entity-tag.ts";
import type { AppContext, AppEnv } from "./exchange.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import { inTime } from "./in-time.ts";
import { parseObject, readBody } from "./json-body.ts";
import { invalidQuery } from "./problem.ts";
import { readQuery } from "./query.ts";
import { respond } from "./respond.ts";

export const JSON_TYPES = ["application/json"];
export const PATCH_TYPES = ["application/merge-patch+json", "application/json"];

export const DEFAULT_LIMIT = 50;

export const listParameters = {
  limit: {
    parse: (text: string) => (/^(?:[1-9]\d?|100)$/.test(text) ? Number(text) : undefined),
    code: "invalid-limit",
    detail: "must be a whole number from 1 to 100",
  },
  cursor: { parse: decodeCursor, code: "invalid-cursor", detail: "must be a cursor that this list has answered" },
  // No address has a space in it, but a gateway that takes "+" for one has put it there.
  email: {
    parse: (text: string) => text.replaceAll(" ", "+") || undefined,
    code: "invalid-email",
    detail: "must not be empty",
  },
};

export function addUserRoutes(app: HonoBase<AppEnv>, users: UserService): void {
  app.post("/users", async (c) => {
    const body = await readBody(c, JSON_TYPES);
    readQuery(c, {});
    const idempotencyKey = idempotencyKeyOf(c.req.raw.headers.get("idempotency-key"));
    const wanted = prefersRepresentation(c);
    const create = async () => {
      const created = await users.create(parseObject(body), { idempotencyKey });
      return { ...created, user: created.replayed && wanted ? await users.find(created.user_id) : userIn(created) };
    };
    const { user_id, replayed, user } = await inTime(create());
    const headers = {
      location: `/users/${user_id}`,
      etag: tagOf(1),
      ...(replayed && { "idempotent-replayed": "true" }),
    };
    if (wanted && user) return representation(c, 201, user, headers);
    return respond(c, 201, { message: "User created", user_id }, headers);
  });

  app.get("/users", async (c) => {
    const { limit = DEFAULT_LIMIT, cursor, email } = readQuery(c, listParameters);
    if (email !== undefined) {
      if (cursor !== undefined)
        throw invalidQuery([{ parameter: "cursor", code: "invalid-cursor", detail: "does not go with email" }]);
      const user = await users.findByEmail(email);
      return respond(c, 200, { users: user ? [fieldsOf(user)] : [], next_cursor: null });
    }
    const page = await users.list({ limit, after: cursor });
    const next_cursor = page.next === undefined ? null : encodeCursor(page.next);
    const link = next_cursor === null ? {} : { link: `</users?limit=${limit}&cursor=${next_cursor}>; rel="next"` };
    return respond(c, 200, { users: page.users.map(fieldsOf), next_cursor }, link);
  });

  app.get("/users/:id", async (c) => {
    readQuery(c, {});
    const user = await users.find(c.req.param("id"));
    if (!user) throw new UserError("not-found");
    // RFC 9111: kept by the client alone, and asked for again with the entity tag before every use.
    const headers = { ...validatorsOf(user), "cache-control": "private, no-cache" };
    return isNotModified(c.req.raw.headers, user)
      ? respond(c, 304, undefined, headers)
      : respond(c, 200, fieldsOf(user), headers);
  });

  const update = (types: readonly string[]) => async (c: AppContext) => {
    const bytes = await readBody(c, types);
    readQuery(c, {});
    const id = c.req.param("id")!;
    const change = parseObject(bytes);
    const user = await conditionally(c, id, (precondition) => users.change(id, change, precondition));
    if (prefersRepresentation(c)) return representation(c, 200, user);
    return respond(c, 200, { message: "User updated" }, { etag: tagOf(user.version) });
  };
  app.put("/users/:id", update(JSON_TYPES));
  app.patch("/users/:id", update(PATCH_TYPES));

  app.delete("/users/:id", async (c) => {
    readQuery(c, {});
    const id = c.req.param("id");
    await conditionally(c, id, (precondition) => users.remove(id, precondition));
    return respond(c, 200, { message: "User deleted" });
  });

  /** Judges the request's preconditions and writes, both in the time that a request has. */
  function conditionally<Result>(
    c: AppContext,
    id: string,
    write: (on: Precondition) => Promise<Result>,
  ): Promise<Result> {
    return inTime(preconditionOf(c.req.raw.headers, id, users).then(write));
  }
}

function userIn(created: Created): User | undefined {
  return created.replayed ? undefined : created.user;
}

/** The user as clients see it: the fields that are set, the id first. */
function fieldsOf(user: User): object {
  const { user_id, lastname, firstname, dob, address, gender, email, phone_number } = user;
  return { user_id, lastname, firstname, dob, address, gender, email, phone_number };
}

/** RFC 7240 section 4.2. */
function prefersRepresentation(c: AppContext): boolean {
  const preferences = c.req.raw.headers.get("prefer")?.split(",") ?? [];
  return preferences.some((preference) => /^\s*return\s*=\s*"?representation"?\s*(?:;|$)/i.test(preference));
}

function representation(c: AppContext, status: number, user: User, headers: Record<string, string> = {}): Response {
  return respond(c, status, fieldsOf(user), {
    "content-location": `/users/${encodeURIComponent(user.user_id)}`,
    ...headers,
    ...validatorsOf(user),
    "preference-applied": "return=representation",
  });
}
